package doctor

import (
	"bytes"
	"encoding/json"
	"strings"
)

// span is a JSON value, or an object's member, inside a text that is known to be
// valid JSON. It costs no memory beside the text, so that one user is found in
// the 50 MB of a whole account, and it knows where in the file it stands.
type span struct {
	text     []byte
	from, to int
	colon    int // of a member: where its value is looked for; else 0
}

// newSpan is the value that a whole text holds.
func newSpan(text []byte) span {
	from := skipSpace(text, 0)
	return span{text: text, from: from, to: skipValue(text, from)}
}

func (s span) raw() []byte { return s.text[s.from:s.to] }

// kind is the first byte: { [ " t f n, a digit or a minus; 0 for no value.
func (s span) kind() byte {
	if s.from >= s.to {
		return 0
	}
	return s.text[s.from]
}

// string is the text of a string, "" for anything else.
func (s span) string() string {
	var text string
	if s.kind() != '"' || json.Unmarshal(s.raw(), &text) != nil {
		return ""
	}
	return text
}

// name of a member.
func (s span) name() string {
	return span{text: s.text, from: s.from, to: skipValue(s.text, s.from)}.string()
}

// value of a member.
func (s span) value() span {
	from := skipSpace(s.text, s.colon+1)
	return span{text: s.text, from: from, to: s.to}
}

// each calls f with the elements of a list or the members of an object, until
// it returns false.
func (s span) each(f func(span) bool) {
	kind := s.kind()
	if kind != '{' && kind != '[' {
		return
	}
	at := skipSpace(s.text, s.from+1)
	for at < s.to && s.text[at] != '}' && s.text[at] != ']' {
		item := span{text: s.text, from: at}
		item.to = skipValue(s.text, at)
		if kind == '{' {
			item.colon = skipSpace(s.text, item.to)
			item.to = skipValue(s.text, skipSpace(s.text, item.colon+1))
		}
		if !f(item) {
			return
		}
		if at = skipSpace(s.text, item.to); at < s.to && s.text[at] == ',' {
			at = skipSpace(s.text, at+1)
		}
	}
}

func (s span) items() []span {
	var items []span
	s.each(func(item span) bool {
		items = append(items, item)
		return true
	})
	return items
}

// get is the value of an object's member; one of no kind when there is none.
func (s span) get(name string) span {
	var found span
	s.each(func(member span) bool {
		if member.name() == name {
			found = member.value()
			return false
		}
		return true
	})
	return found
}

// foldMember finds a member whatever the case of its name, as package policy
// does.
func (s span) foldMember(name string) (member, value span, found bool) {
	s.each(func(m span) bool {
		if strings.EqualFold(m.name(), name) {
			member, value, found = m, m.value(), true
		}
		return !found
	})
	return member, value, found
}

func (s span) fold(name string) (span, bool) {
	_, value, found := s.foldMember(name)
	return value, found
}

// duplicate is the first name that an object has twice.
func (s span) duplicate() (member span, found bool) {
	if s.kind() != '{' {
		return span{}, false
	}
	seen := make(map[string]bool)
	s.each(func(m span) bool {
		name := m.name()
		if seen[name] {
			member, found = m, true
		}
		seen[name] = true
		return !found
	})
	return member, found
}

// line is where the value begins, from 1.
func (s span) line() int { return 1 + bytes.Count(s.text[:s.from], []byte{'\n'}) }

func skipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}

// skipValue returns where a value ends.
func skipValue(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = skipString(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case ',', ':', ' ', '\n', '\r', '\t':
			at++
			continue // only inside of a value
		default:
			for at < len(text) && !bytes.ContainsRune([]byte(",:]} \n\r\t"), rune(text[at])) {
				at++
			}
		}
		if depth <= 0 {
			return at
		}
	}
	return at
}

// skipString returns where a string ends that begins at a quote.
func skipString(text []byte, at int) int {
	for at++; at < len(text); at++ {
		next := bytes.IndexByte(text[at:], '"')
		if next < 0 {
			return len(text)
		}
		quote := at + next
		escapes := 0
		for quote-1-escapes >= at && text[quote-1-escapes] == '\\' {
			escapes++
		}
		if at = quote; escapes%2 == 0 {
			return quote + 1
		}
	}
	return at
}
