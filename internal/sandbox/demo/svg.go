package main

import (
	"fmt"
	"html"
	"strings"
)

// The measures of a picture, in pixels. Each run of characters is stretched to
// its columns, whatever font the reader has.
const (
	charWidth, lineHeight, fontSize = 8.4, 19.0, 14.0
	margin, titleBar                = 16.0, 30.0
)

// svg draws a terminal with a dark screen, which is readable on light and dark
// pages.
func svg(title string, rows [][]cell, columns int) string {
	width, height := float64(columns)*charWidth+2*margin, float64(len(rows))*lineHeight+titleBar+margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(&b, `<rect x=".5" y=".5" width="%.0f" height="%.0f" rx="8" fill="#0d1117" stroke="#57606a"/>`+"\n", width-1, height-1)
	for i, fill := range []string{"#ff5f56", "#ffbd2e", "#27c93f"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="16" r="5.5" fill="%s"/>`+"\n", 20+18*i, fill)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="%.0f" xml:space="preserve">`+"\n", fontSize)
	for i, row := range rows {
		drawRow(&b, row, titleBar+lineHeight*(float64(i)+0.75))
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// drawRow draws each run of one style, without the spaces around it.
func drawRow(b *strings.Builder, row []cell, y float64) {
	for start := 0; start < len(row); {
		end := start
		var run strings.Builder
		for ; end < len(row) && row[end].style == row[start].style; end++ {
			run.WriteRune(row[end].char)
		}
		text := strings.TrimLeft(run.String(), " ")
		at := end - len([]rune(text))
		if text = strings.TrimRight(text, " "); text != "" {
			hex, bold := colour(row[start].style)
			weight := ""
			if bold {
				weight = ` font-weight="bold"`
			}
			fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
				margin+float64(at)*charWidth, y, hex, weight, float64(len([]rune(text)))*charWidth, html.EscapeString(text))
		}
		start = end
	}
}
