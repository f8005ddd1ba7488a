package policyfile

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/diff"
)

// around is how many unchanged lines a diff shows before and after a change.
const around = 3

// Edit replaces a part of a text, in bytes.
type Edit struct {
	From, To int
	With     string
}

// Remove returns the edits that remove items of a list or an object, with their
// commas. The layout of the rest stays as it is.
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

// Apply returns a text after edits, which must not overlap.
func Apply(text []byte, edits []Edit) []byte {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b Edit) int { return a.From - b.From })
	var after bytes.Buffer
	at := 0
	for _, e := range edits {
		after.Write(text[at:e.From])
		after.WriteString(e.With)
		at = e.To
	}
	after.Write(text[at:])
	return after.Bytes()
}

// Diff returns the unified diff of a file before and after edits, which must
// not overlap, in the form that git apply and patch -p1 take. Line ends, and a
// last line without one, stay as they are.
func Diff(name string, text []byte, edits []Edit) string {
	hunks := Hunks(text, edits)
	if hunks == "" {
		return ""
	}
	return header(name) + hunks
}

// Hunks returns a Diff without the lines that name the file. Only the lines
// from the first edit to the last are compared, as the file may be large.
func Hunks(text []byte, edits []Edit) string {
	if len(edits) == 0 {
		return ""
	}
	edits = slices.SortedFunc(slices.Values(edits), func(a, b Edit) int { return a.From - b.From })
	from, to := edits[0].From, edits[len(edits)-1].To
	for range around + 1 {
		if from = bytes.LastIndexByte(text[:from], '\n'); from < 0 {
			break
		}
	}
	from++
	for range around + 1 {
		end := bytes.IndexByte(text[to:], '\n')
		if end < 0 {
			to = len(text)
			break
		}
		to += end + 1
	}
	for i := range edits {
		edits[i].From, edits[i].To = edits[i].From-from, edits[i].To-from
	}
	before := text[from:to]
	out := string(diff.Diff("", before, "", Apply(before, edits)))
	start := strings.Index(out, "@@ ")
	if start < 0 {
		return ""
	}
	return shifted(out[start:], bytes.Count(text[:from], []byte{'\n'}))
}

// header names the file as git does, so that git apply and patch find it from
// the directory in which doctor ran. Of a file outside of that directory it has
// the base name, as they accept no other. A name with a space ends in a tab.
func header(name string) string {
	if name = filepath.ToSlash(name); filepath.IsAbs(name) || strings.HasPrefix(name, "../") {
		name = path.Base(name)
	}
	if strings.Contains(name, " ") {
		name += "\t"
	}
	return "--- a/" + name + "\n+++ b/" + name + "\n"
}

var hunkForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$`)
})

// shifted moves hunks down by a number of lines.
func shifted(hunks string, lines int) string {
	return hunkForm().ReplaceAllStringFunc(hunks, func(line string) string {
		var n [4]int
		for i, text := range hunkForm().FindStringSubmatch(line)[1:] {
			n[i], _ = strconv.Atoi(text)
		}
		return fmt.Sprintf("@@ -%d,%d +%d,%d @@", n[0]+lines, n[1], n[2]+lines, n[3])
	})
}
