// Package qrcode draws a QR code with the characters of a terminal. It writes
// nothing: what it draws may hold a secret.
package qrcode

import (
	"errors"
	"fmt"
	"strings"

	"rsc.io/qr/coding"
)

// ErrTooLong is for a text that is longer than a QR code takes.
var ErrTooLong = errors.New("the text is too long for a QR code")

// quiet is the width of the white frame, in modules. The standard wants four
// (ISO/IEC 18004); readers on phones do with two, and a code for an MFA device
// then fits into the 24 lines of a small terminal.
const quiet = 2

// Style says what the terminal can show.
type Style struct {
	// Unicode allows half blocks, so that a module is as wide as it is high in
	// one column. Without it a module takes two columns and a whole line.
	Unicode bool
	// Colour sets black and white, whatever the terminal's own colours are.
	Colour bool
	// LightBackground says, where Colour is false, that the terminal writes
	// dark on light. Readers want the code dark on light.
	LightBackground bool
}

// Code is a QR code with its frame.
type Code struct {
	size   int
	isDark func(x, y int) bool
}

// Encode makes the smallest code for a text, with the lowest error correction:
// a screen has no stains.
func Encode(text string) (Code, error) {
	content := coding.String(text)
	for version := coding.Version(coding.MinVersion); version <= coding.MaxVersion; version++ {
		if content.Bits(version) > version.DataBytes(coding.L)*8 {
			continue
		}
		const mask = 0 // any is right, which is best hardly matters on a screen
		plan, err := coding.NewPlan(version, coding.L, mask)
		if err != nil {
			return Code{}, fmt.Errorf("drawing a QR code: %w", err)
		}
		code, err := plan.Encode(content)
		if err != nil {
			return Code{}, fmt.Errorf("drawing a QR code: %w", err)
		}
		return Code{size: code.Size + 2*quiet, isDark: func(x, y int) bool { return code.Black(x-quiet, y-quiet) }}, nil
	}
	return Code{}, ErrTooLong
}

// Columns is how wide the code is in a style.
func (c Code) Columns(s Style) int {
	if s.Unicode {
		return c.size
	}
	return 2 * c.size
}

const (
	black = "\x1b[38;5;16m"
	white = "\x1b[48;5;231m"
	reset = "\x1b[0m"
)

// Draw returns the code as lines, each with its end.
func (c Code) Draw(s Style) string {
	line := c.wholeLine
	step := 1
	if s.Unicode {
		line, step = c.halfBlocks, 2
	}
	// With colours the dark modules are written, black on white. Without them,
	// what is written is dark on a light background only.
	writeDark := s.Colour || s.LightBackground
	var out strings.Builder
	for y := 0; y < c.size; y += step {
		row := line(y, func(x, y int) bool { return y < c.size && c.isDark(x, y) == writeDark })
		if s.Colour {
			row = black + white + row + reset
		}
		out.WriteString(row + "\n")
	}
	return out.String()
}

// halfBlocks draws two rows of modules in one line.
func (c Code) halfBlocks(y int, write func(x, y int) bool) string {
	var row strings.Builder
	for x := range c.size {
		switch above, below := write(x, y), write(x, y+1); {
		case above && below:
			row.WriteRune('█')
		case above:
			row.WriteRune('▀')
		case below:
			row.WriteRune('▄')
		default:
			row.WriteByte(' ')
		}
	}
	return row.String()
}

// wholeLine draws one row of modules in ASCII.
func (c Code) wholeLine(y int, write func(x, y int) bool) string {
	var row strings.Builder
	for x := range c.size {
		if write(x, y) {
			row.WriteString("##")
		} else {
			row.WriteString("  ")
		}
	}
	return row.String()
}
