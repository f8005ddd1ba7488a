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

// Entry is one setting, with its place.
type Entry struct {
	// Section is in lower case: "credential".
	Section string
	// Scope is git's name for it: system, global, local, worktree, command, unknown
	// (for the file of Apple's git), or "" with git before 2.26.
	Scope string
	// Origin is the file, absolute where it could be found, or "command line:"
	// for -c and GIT_CONFIG_COUNT.
	Origin string
	// Line is the first line of the setting in the file, or 0.
	Line int
	// Label is the quoted part of [credential "LABEL"]; Labelled is false for
	// [credential].
	Label    string
	Labelled bool
	// Key is in lower case, without section and label.
	Key string
	// Value is also empty for a key without "="; then Set is false.
	Value string
	Set   bool
}

// CommandLine is the origin that git gives for settings from the command line
// or the environment.
const CommandLine = "command line:"

// Place returns the file and line of the entry: "/etc/gitconfig:3".
func (e Entry) Place() string {
	switch {
	case e.Origin == CommandLine:
		return "the command line or the environment (-c, GIT_CONFIG_COUNT)"
	case e.Line == 0:
		return e.Origin
	}
	return fmt.Sprintf("%s:%d", e.Origin, e.Line)
}

// Name returns the whole name of the setting, as git config takes it.
func (e Entry) Name() string {
	if e.Labelled {
		return e.Section + "." + e.Label + "." + e.Key
	}
	return e.Section + "." + e.Key
}

// Own reports whether the entry is in the repository's own configuration, which
// whoever sent the repository may have written.
func (e Entry) Own() bool { return e.Scope == "local" || e.Scope == "worktree" }

var errForeignOutput = errors.New("git's output is not a list of settings")

// ParseEntries reads the output of "git config --show-origin --show-scope
// --null --list", or without --show-scope.
func ParseEntries(out []byte, scopes bool) ([]Entry, error) {
	if scopes {
		return parseRecords(out, 3)
	}
	return parseRecords(out, 2)
}

// parseRecords reads records with the last 1, 2 or 3 of the fields scope,
// origin and setting.
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

// locate sets the files and lines of entries. git prints no line numbers, so
// the files are read again. Entries of a file that can't be read get no line.
func (g Git) locate(entries []Entry) {
	files := map[string]*settings{}
	for i := range entries {
		e := &entries[i]
		if e.Origin == CommandLine {
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

// find returns the absolute path of a file. git names a repository's own files
// relative to the top of the worktree: ".git/config".
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

// settings are a file's settings, and the number of those that git has read: it
// continues with a file after those that the file includes.
type settings struct {
	all  []setting
	next int
}

// line returns the line of the next setting that equals the entry, or 0. git
// may read a file twice, so it starts again at the end.
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

// setting is one setting of a file.
type setting struct {
	section  string // in lower case
	label    string
	labelled bool
	key      string // in lower case
	value    string
	set      bool
	line     int
}

// is reports whether the setting equals an entry. git before 2.45 prints tabs
// within a value as blanks.
func (s setting) is(e Entry) bool {
	blanks := func(v string) string { return strings.ReplaceAll(v, "\t", " ") }
	return s.section == e.Section && s.key == e.Key && s.label == e.Label && s.labelled == e.Labelled &&
		s.set == e.Set && blanks(s.value) == blanks(e.Value)
}

// parseFile reads the syntax of git-config(1). It skips what git would refuse.
func parseFile(text []byte) []setting {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	s := scanner{text: strings.ReplaceAll(string(text), "\r\n", "\n"), line: 1}
	var found []setting
	var head setting
	for !s.end() {
		switch c := s.peek(); {
		case isBlank(c):
			s.next()
		case c == '#' || c == ';':
			s.skipLine()
		case c == '[':
			head = s.header()
		case isKey(c):
			found = append(found, s.setting(head))
		default:
			s.skipLine()
		}
	}
	return found
}

// scanner reads a text and counts its lines.
type scanner struct {
	text string
	at   int
	line int
}

func (s *scanner) end() bool { return s.at >= len(s.text) }

// peek returns the next byte, LF at the end as git does.
func (s *scanner) peek() byte {
	if s.end() {
		return '\n'
	}
	return s.text[s.at]
}

func (s *scanner) next() byte {
	c := s.peek()
	if !s.end() {
		s.at++
		if c == '\n' {
			s.line++
		}
	}
	return c
}

func (s *scanner) skipLine() {
	for s.next() != '\n' {
	}
}

// take returns the next bytes for which of is true.
func (s *scanner) take(of func(byte) bool) string {
	start := s.at
	for !s.end() && of(s.peek()) {
		s.next()
	}
	return s.text[start:s.at]
}

// header reads [section], [section "label"] and the old [section.label].
func (s *scanner) header() setting {
	s.next()
	name := s.take(func(c byte) bool { return isKey(c) || c == '.' })
	head := setting{section: strings.ToLower(name)}
	if before, after, dotted := strings.Cut(head.section, "."); dotted {
		head.section, head.label, head.labelled = before, after, true
	}
	s.take(func(c byte) bool { return c == ' ' || c == '\t' })
	if s.peek() == '"' {
		head.label, head.labelled = s.label(), true
	}
	if s.peek() == ']' {
		s.next()
	}
	return head
}

func (s *scanner) label() string {
	s.next()
	var label strings.Builder
	for s.peek() != '"' && s.peek() != '\n' {
		c := s.next()
		if c == '\\' {
			c = s.next()
		}
		label.WriteByte(c)
	}
	if s.peek() == '"' {
		s.next()
	}
	return label.String()
}

// setting reads "key = value" or "key".
func (s *scanner) setting(head setting) setting {
	found := head
	found.line = s.line
	found.key = strings.ToLower(s.take(isKey))
	s.take(func(c byte) bool { return c == ' ' || c == '\t' })
	if s.peek() != '=' {
		s.skipLine()
		return found
	}
	s.next()
	found.set, found.value = true, s.value()
	return found
}

// value reads up to the end of the line. Blanks count only between other bytes,
// or in quotes.
func (s *scanner) value() string {
	var value strings.Builder
	quoted, blanks := false, ""
	for {
		c := s.next()
		switch {
		case c == '\n':
			return value.String()
		case isBlank(c) && !quoted:
			if value.Len() > 0 {
				blanks += string([]byte{c})
			}
			continue
		case (c == '#' || c == ';') && !quoted:
			s.skipLine()
			return value.String()
		}
		value.WriteString(blanks)
		blanks = ""
		switch c {
		case '"':
			quoted = !quoted
		case '\\':
			value.WriteString(escaped(s.next()))
		default:
			value.WriteByte(c)
		}
	}
}

// escaped returns what a byte after a backslash means. A line end joins two lines.
func escaped(c byte) string {
	switch c {
	case '\n':
		return ""
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'b':
		return "\b"
	}
	return string([]byte{c})
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isKey(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
}
