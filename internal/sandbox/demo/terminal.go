package main

import (
	"strconv"
	"strings"
)

// A cell is a character on the screen, with the parameters of the escape
// sequence that gave it its colour ("1;31"), or nothing.
type cell struct {
	char  rune
	style string
}

// A grid is what a terminal of so many columns shows, of what was written to
// it: text, carriage returns, colours, and erasing to the end of a line.
type grid struct {
	columns int
	rows    [][]cell
	column  int
	style   string
}

// render plays what programs wrote to a terminal.
func render(text string, columns int) [][]cell {
	g := &grid{columns: columns, rows: [][]cell{nil}}
	for rest := []rune(text); len(rest) > 0; {
		switch char := rest[0]; {
		case char == '\n':
			g.rows = append(g.rows, nil)
			g.column = 0
		case char == '\r':
			g.column = 0
		case char == '\x1b' && len(rest) > 1 && rest[1] == '[':
			rest = g.escape(rest)
			continue
		case char >= ' ':
			g.put(char)
		}
		rest = rest[1:]
	}
	return g.rows
}

// escape does what a sequence asks for and returns the text behind it.
func (g *grid) escape(text []rune) []rune {
	end := 2
	for end < len(text) && (text[end] == ';' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	if end == len(text) {
		return nil
	}
	parameters := string(text[2:end])
	switch last := len(g.rows) - 1; text[end] {
	case 'm':
		g.style = strings.TrimPrefix(parameters, "0")
	case 'K':
		g.rows[last] = g.rows[last][:min(g.column, len(g.rows[last]))]
	}
	return text[end+1:]
}

func (g *grid) put(char rune) {
	if g.column == g.columns {
		g.rows = append(g.rows, nil)
		g.column = 0
	}
	row := &g.rows[len(g.rows)-1]
	for len(*row) <= g.column {
		*row = append(*row, cell{char: ' '})
	}
	(*row)[g.column] = cell{char, g.style}
	g.column++
}

// colour is that of a style on a dark screen, and whether it is bold.
func colour(style string) (hex string, bold bool) {
	palette := map[int]string{31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 2: "#9198a1", 90: "#9198a1"}
	hex = "#e6edf3"
	for part := range strings.SplitSeq(style, ";") {
		n, err := strconv.Atoi(part)
		if err == nil && palette[n] != "" {
			hex = palette[n]
		}
		bold = bold || n == 1
	}
	return hex, bold
}
