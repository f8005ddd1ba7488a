package policyfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// around is how many unchanged lines a diff shows before and after a change.
const around = 3

// tooLong bounds the lines that are compared, which costs the square.
const tooLong = 4000

// Edit replaces a part of a text, in bytes.
type Edit struct {
	From, To int
	With     string
}

// Remove takes items out of a list or an object, with the commas that go with
// them, and leaves the layout of the rest as it is.
func Remove(items []Value, drop func(Value) bool) []Edit {
	var edits []Edit
	for i := 0; i < len(items); i++ {
		if !drop(items[i]) {
			continue
		}
		end := i
		for end+1 < len(items) && drop(items[end+1]) {
			end++
		}
		switch {
		case end+1 < len(items):
			edits = append(edits, Edit{From: items[i].From, To: items[end+1].From})
		case i > 0:
			edits = append(edits, Edit{From: items[i-1].To, To: items[end].To})
		}
		i = end
	}
	return edits
}

// Diff returns the unified diff of a text before and after edits, none of which
// overlaps another. Only the lines from the first edit to the last are compared.
func Diff(name string, text []byte, edits []Edit) string {
	if len(edits) == 0 {
		return ""
	}
	slices.SortFunc(edits, func(a, b Edit) int { return a.From - b.From })
	from, first := edits[0].From, edits[0].From
	for range around + 1 {
		if from = bytes.LastIndexByte(text[:from], '\n'); from < 0 {
			break
		}
	}
	from++
	to := edits[len(edits)-1].To
	for range around + 1 {
		if end := bytes.IndexByte(text[to:], '\n'); end >= 0 {
			to += end + 1
		} else {
			to = len(text)
		}
	}
	var after strings.Builder
	at := from
	for _, e := range edits {
		after.Write(text[at:e.From])
		after.WriteString(e.With)
		at = e.To
	}
	after.Write(text[at:to])
	before := splitLines(string(text[from:to]))
	if len(before) > tooLong {
		line := 1 + bytes.Count(text[:first], []byte{'\n'})
		return fmt.Sprintf("%s:%d: %d changes, too many to print\n", name, line, len(edits))
	}
	start := 1 + bytes.Count(text[:from], []byte{'\n'})
	return fmt.Sprintf("--- %s\n+++ %s\n", name, name) + hunks(compare(before, splitLines(after.String())), start)
}

func splitLines(text string) []string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}

// diffLine is a line of a diff: ' ' kept, '-' gone, '+' new.
type diffLine struct {
	mark byte
	text string
}

// compare finds the longest common subsequence by the textbook's table.
func compare(before, after []string) []diffLine {
	n, m := len(before), len(after)
	table := make([][]int32, n+1)
	for i := range table {
		table[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if before[i] == after[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	var lines []diffLine
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && before[i] == after[j]:
			lines = append(lines, diffLine{' ', before[i]})
			i, j = i+1, j+1
		case i < n && (j == m || table[i+1][j] >= table[i][j+1]):
			lines = append(lines, diffLine{'-', before[i]})
			i++
		default:
			lines = append(lines, diffLine{'+', after[j]})
			j++
		}
	}
	return lines
}

// hunks prints the changes with the lines around them. Start is the number of
// the first line.
func hunks(lines []diffLine, start int) string {
	var out strings.Builder
	before, after := start, start
	for i := 0; i < len(lines); {
		from, to := hunk(lines, i)
		for ; i < from; i++ {
			before, after = before+1, after+1
		}
		if from == to {
			break
		}
		var body strings.Builder
		wasBefore, wasAfter := before, after
		for ; i < to; i++ {
			fmt.Fprintf(&body, "%c%s\n", lines[i].mark, lines[i].text)
			if lines[i].mark != '+' {
				before++
			}
			if lines[i].mark != '-' {
				after++
			}
		}
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n%s", wasBefore, before-wasBefore, wasAfter, after-wasAfter, body.String())
	}
	return out.String()
}

// hunk finds the next run of changes that are near each other; it is empty, at
// the end, when there is none.
func hunk(lines []diffLine, at int) (from, to int) {
	changed := func(l diffLine) bool { return l.mark != ' ' }
	first := slices.IndexFunc(lines[at:], changed)
	if first < 0 {
		return len(lines), len(lines)
	}
	from = max(at, at+first-around)
	last := at + first
	for i := last; i < len(lines) && i <= last+2*around+1; i++ {
		if changed(lines[i]) {
			last = i
		}
	}
	return from, min(len(lines), last+1+around)
}
