package awsfile

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"strings"
)

// Undo holds what an Edit changed in a file, so that Revert can restore the same
// bytes. It contains what the Edit removed, including secrets.
type Undo struct {
	// Before is the text from the section's header to the change, After the line
	// that follows the change.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Old is the text before the Edit, New the text after it.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Made is true if the Edit created the file.
	Made bool `json:"made,omitempty"`
}

// EditWithUndo is like Edit, but first calls keep with what Revert needs. If keep
// returns an error, the file is not changed.
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

// Revert makes the changes that take an Edit back, as Edit would. If the text of
// the Edit is still as the Edit left it, Revert restores the bytes from before. A
// file that the Edit created is removed if it is empty again.
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

// difference returns the lines in which two texts differ.
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

// fromHeader returns the lines from the last header on.
func fromHeader(lines []string) []string {
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.HasPrefix(lines[i], "[") {
			return lines[i:]
		}
	}
	return lines
}

// apply replaces the new text by the old one, if the new one is found exactly
// once.
func (u Undo) apply(text string) (string, bool) {
	since := u.Before + u.New + u.After
	at := strings.Index(text, since)
	if at < 0 || since == "" || strings.Contains(text[at+1:], since) {
		return "", false
	}
	return text[:at] + u.Before + u.Old + u.After + text[at+len(since):], true
}
