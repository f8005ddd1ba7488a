package main

import (
	"strconv"
	"strings"
)

// A cell is a character on the screen. style has the parameters of the escape
// sequence for its colour ("1;31"), or is empty.
type cell struct {
	char  rune
	style string
}

// A grid is the screen of a terminal. It understands text, carriage returns,
// colours, and erasing to the end of a line.
type grid struct {
	columns int
	rows    [][]cell
	column  int
	style   string
}

// render returns the rows that a terminal shows for a program's output.
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

// escape executes an escape sequence and returns the text after it.
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

// colour returns a style's colour on a dark screen, and whether it is bold.
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
