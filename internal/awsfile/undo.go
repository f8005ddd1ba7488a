package awsfile

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"strings"
)

// Undo is what an Edit did to the text of a file, for the way back to the same
// bytes. What an Edit takes out stands in it, secrets too.
type Undo struct {
	// Before and After stand around the place, Before from the header of the
	// section on.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Old is what stood there before the Edit, New what stands there since.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Made is true when there was no such file.
	Made bool `json:"made,omitempty"`
}

// EditWithUndo is Edit, and gives keep what Revert needs, before the file is
// changed. An error of keep's ends it.
func EditWithUndo(ctx context.Context, lock Lock, file string, kind Kind, profile string, keep func(Undo) error, changes ...Change) (changed bool, err error) {
	return edit(ctx, lock, file, func(old string) (string, error) {
		text, err := changedText(old, kind, profile, changes)
		if err != nil || text == old {
			return text, err
		}
		undo := difference(old, text)
		_, statErr := os.Stat(file)
		undo.Made = errors.Is(statErr, fs.ErrNotExist)
		return text, keep(undo)
	})
}

// Revert does what Edit does for the changes, which are to be the way back, and
// puts back the very bytes of before where those of the Edit stand as it left
// them. A file that the Edit made is removed if nothing else has come into it.
func Revert(ctx context.Context, lock Lock, file string, kind Kind, profile string, undo Undo, changes ...Change) error {
	empty := false
	_, err := edit(ctx, lock, file, func(old string) (string, error) {
		text, err := changedText(old, kind, profile, changes)
		if err != nil {
			return "", err
		}
		exact, ok := undo.apply(old)
		same := maps.EqualFunc(parse(exact).values(), parse(text).values(), maps.Equal[map[string]string, map[string]string]) // mutation: awsfile: what is put back says what was meant
		if ok && same {
			text = exact
		}
		empty = text == ""
		return text, nil
	})
	if err == nil && empty && undo.Made {
		err = os.Remove(file)
	}
	return err
}

// difference finds the lines in which two texts differ.
func difference(old, text string) Undo {
	oldLines, lines := strings.SplitAfter(old, "\n"), strings.SplitAfter(text, "\n")
	head, tail := 0, 0
	for head < min(len(oldLines), len(lines)) && oldLines[head] == lines[head] {
		head++
	}
	for tail < min(len(oldLines), len(lines))-head && oldLines[len(oldLines)-1-tail] == lines[len(lines)-1-tail] {
		tail++
	}
	return Undo{
		Before: strings.Join(fromHeader(lines[:head]), ""),
		Old:    strings.Join(oldLines[head:len(oldLines)-tail], ""),
		New:    strings.Join(lines[head:len(lines)-tail], ""),
		After:  strings.Join(lines[len(lines)-tail:][:min(tail, 1)], ""),
	}
}

// fromHeader cuts lines to those from the last header on.
func fromHeader(lines []string) []string {
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "[") {
			return lines[i:]
		}
	}
	return lines
}

// apply puts the old text in the place of the new one, if there is one such place.
func (u Undo) apply(text string) (string, bool) {
	since := u.Before + u.New + u.After
	at := strings.Index(text, since)
	if at < 0 || since == "" || strings.Contains(text[at+1:], since) {
		return "", false
	}
	return text[:at] + u.Before + u.Old + u.After + text[at+len(since):], true
}
