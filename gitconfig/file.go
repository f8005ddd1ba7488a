package gitconfig

import (
	"bytes"
	"strings"
)

// setting is one setting of a file, as it is written there.
type setting struct {
	section  string // in lower case
	label    string
	labelled bool
	key      string // in lower case
	value    string
	set      bool
	line     int
}

// is reports whether the setting is the one that git told of. Tabs within a
// value are blanks for git before 2.45.
func (s setting) is(e Entry) bool {
	blanks := func(v string) string { return strings.ReplaceAll(v, "\t", " ") }
	return s.section == e.Section && s.key == e.Key && s.label == e.Label && s.labelled == e.Labelled &&
		s.set == e.Set && blanks(s.value) == blanks(e.Value)
}

// parseFile reads the syntax of git-config(1). What git would refuse is
// skipped: a warning with a wrong line is worse than one without.
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

// scanner walks through a text and counts its lines.
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

// take returns the bytes ahead that are of a kind.
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

// value reads up to the end of the line. Blanks count only between other
// bytes, or in quotes.
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

// escaped is what a byte after a backslash stands for. A line end joins two
// lines.
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
