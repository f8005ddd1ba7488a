package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Entry is one setting, where it stands.
type Entry struct {
	// Section is in lower case: "credential".
	Section string
	// Scope is git's word: system, global, local, worktree, command, unknown
	// (Apple's git has a file of its own), or "" for git before 2.26.
	Scope string
	// Origin is the file, absolute where it could be found, or "command line:"
	// for -c and GIT_CONFIG_COUNT.
	Origin string
	// Line is where the setting begins in the file, or 0.
	Line int
	// Label is what stands in quotes in [credential "LABEL"], and Labelled is
	// false for [credential].
	Label    string
	Labelled bool
	// Key is in lower case, without section and label.
	Key string
	// Value is empty also for a key without "=", for which Set is false.
	Value string
	Set   bool
}

// commandLine is git's word for settings that stand in no file.
const commandLine = "command line:"

// Place says where the entry stands: "/etc/gitconfig:3".
func (e Entry) Place() string {
	switch {
	case e.Origin == commandLine:
		return "the command line or the environment (-c, GIT_CONFIG_COUNT)"
	case e.Line == 0:
		return e.Origin
	}
	return fmt.Sprintf("%s:%d", e.Origin, e.Line)
}

// Name is the setting's whole name, as git config takes it.
func (e Entry) Name() string {
	if e.Labelled {
		return e.Section + "." + e.Label + "." + e.Key
	}
	return e.Section + "." + e.Key
}

// Own reports whether it stands in the repository's own configuration, which is
// its sender's.
func (e Entry) Own() bool { return e.Scope == "local" || e.Scope == "worktree" }

var errForeignOutput = errors.New("git printed something else than settings")

// ParseEntries reads the output of "git config --show-origin --show-scope
// --null --list", or without --show-scope.
func ParseEntries(out []byte, scopes bool) ([]Entry, error) {
	if scopes {
		return parseRecords(out, 3)
	}
	return parseRecords(out, 2)
}

// parseRecords reads records of scope, origin and setting, of which the first
// ones may be left out.
func parseRecords(out []byte, width int) ([]Entry, error) {
	fields := bytes.Split(out, []byte{0})
	if last := fields[len(fields)-1]; len(last) > 0 || (len(fields)-1)%width != 0 {
		return nil, fmt.Errorf("reading git's configuration: %w", errForeignOutput)
	}
	var entries []Entry
	for i := 0; i+width < len(fields); i += width {
		record := fields[i : i+width]
		e, ok := parseSetting(string(record[width-1]))
		if !ok {
			return nil, fmt.Errorf("reading git's configuration: %w", errForeignOutput)
		}
		if width > 1 {
			e.Origin = strings.TrimPrefix(string(record[width-2]), "file:")
		}
		if width > 2 {
			e.Scope = string(record[0])
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// parseSetting reads "section.LABEL.key\nvalue". git prints no LF for a key
// without "=".
func parseSetting(text string) (Entry, bool) {
	name, value, set := strings.Cut(text, "\n")
	section, rest, ok := strings.Cut(name, ".")
	if !ok {
		return Entry{}, false
	}
	e := Entry{Section: section, Key: rest, Value: value, Set: set}
	if i := strings.LastIndexByte(rest, '.'); i >= 0 {
		e.Label, e.Labelled, e.Key = rest[:i], true, rest[i+1:]
	}
	return e, true
}

// locate finds the entries' files and lines. git prints no line numbers, so
// the files are read once more; one that can't be read has no lines.
func (g Git) locate(entries []Entry) {
	files := map[string]*settings{}
	for i := range entries {
		e := &entries[i]
		if e.Origin == commandLine {
			continue
		}
		e.Origin = g.find(e.Origin)
		file := files[e.Origin]
		if file == nil {
			text, _ := regularfile.Read(context.Background(), e.Origin)
			file = &settings{all: parseFile(text)}
			files[e.Origin] = file
		}
		e.Line = file.line(*e)
	}
}

// find makes a file's name absolute. git names a repository's own files from
// the top of the worktree, into which it changes first: ".git/config".
func (g Git) find(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	dir, err := filepath.Abs(g.Dir)
	for err == nil {
		found := filepath.Join(dir, file)
		if _, err := os.Stat(found); err == nil {
			return found
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	return file
}

// settings are a file's settings, and how far git has come in it: it leaves a
// file for those that it includes, and comes back.
type settings struct {
	all  []setting
	next int
}

// line returns the line of the next setting that is the entry's. A file that
// is read twice begins again.
func (s *settings) line(e Entry) int {
	for n := range s.all {
		i := (s.next + n) % len(s.all)
		if s.all[i].is(e) {
			s.next = i + 1
			return s.all[i].line
		}
	}
	return 0
}
