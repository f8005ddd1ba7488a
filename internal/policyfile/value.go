package policyfile

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Value is a JSON value, or a member of an object, in a text that is valid
// JSON. It knows its place in the text and copies nothing, so that one user is
// found in the 50 MB of an account.
type Value struct {
	// Text is the file, or a decoded document. From and To are offsets in it.
	Text     []byte
	From, To int

	colon int // of a member: the offset of its colon; else 0
}

// NewValue returns the value of a whole text.
func NewValue(text []byte) Value {
	from := skipSpace(text, 0)
	return Value{Text: text, From: from, To: skipValue(text, from)}
}

// Raw returns the value as it is written.
func (v Value) Raw() []byte { return v.Text[v.From:v.To] }

// Kind returns the first byte: { [ " t f n, a digit or a minus; 0 if there is
// no value.
func (v Value) Kind() byte {
	if v.From >= v.To {
		return 0
	}
	return v.Text[v.From]
}

// String returns the text of a string, "" for anything else.
func (v Value) String() string {
	var text string
	if v.Kind() != '"' || json.Unmarshal(v.Raw(), &text) != nil {
		return ""
	}
	return text
}

// Name returns the name of a member.
func (v Value) Name() string {
	return Value{Text: v.Text, From: v.From, To: skipValue(v.Text, v.From)}.String()
}

// Value returns the value of a member.
func (v Value) Value() Value {
	from := skipSpace(v.Text, v.colon+1)
	return Value{Text: v.Text, From: from, To: v.To}
}

// Each calls f with the elements of a list or the members of an object until f
// returns false.
func (v Value) Each(f func(Value) bool) {
	kind := v.Kind()
	if kind != '{' && kind != '[' {
		return
	}
	at := skipSpace(v.Text, v.From+1)
	for at < v.To && v.Text[at] != '}' && v.Text[at] != ']' {
		item := Value{Text: v.Text, From: at}
		item.To = skipValue(v.Text, at)
		if kind == '{' {
			item.colon = skipSpace(v.Text, item.To)
			item.To = skipValue(v.Text, skipSpace(v.Text, item.colon+1))
		}
		if !f(item) {
			return
		}
		if at = skipSpace(v.Text, item.To); at < v.To && v.Text[at] == ',' {
			at = skipSpace(v.Text, at+1)
		}
	}
}

// Items returns the elements of a list or the members of an object.
func (v Value) Items() []Value {
	var items []Value
	v.Each(func(item Value) bool {
		items = append(items, item)
		return true
	})
	return items
}

// Get returns the value of an object's member; one of Kind 0 when there is
// none.
func (v Value) Get(name string) Value {
	var found Value
	v.Each(func(member Value) bool {
		if member.Name() == name {
			found = member.Value()
			return false
		}
		return true
	})
	return found
}

// FoldMember finds a member without regard to case, as package policy does.
func (v Value) FoldMember(name string) (member, value Value, found bool) {
	v.Each(func(m Value) bool {
		if strings.EqualFold(m.Name(), name) {
			member, value, found = m, m.Value(), true
		}
		return !found
	})
	return member, value, found
}

// Fold is Get without regard to case.
func (v Value) Fold(name string) (Value, bool) {
	_, value, found := v.FoldMember(name)
	return value, found
}

// Duplicate finds the first name that an object has twice.
func (v Value) Duplicate() (member Value, found bool) {
	if v.Kind() != '{' {
		return Value{}, false
	}
	seen := make(map[string]bool)
	v.Each(func(m Value) bool {
		name := m.Name()
		if seen[name] {
			member, found = m, true
		}
		seen[name] = true
		return !found
	})
	return member, found
}

// Line returns the line on which the value begins, from 1.
func (v Value) Line() int { return 1 + bytes.Count(v.Text[:v.From], []byte{'\n'}) }

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

// skipString returns the end of the string that begins at a quote.
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
