package awsfile

import (
	"strings"
)

// The rules are those of the SDK's own reader (config/internal/ini in
// aws-sdk-go-v2), with its quirks; a test compares the two.

// property is a key of a section, with its value as the SDK reads it.
type property struct {
	section, key, text string
	// nested are the indented "key = value" lines below a key without a value.
	nested map[string]string
	// start and end are its lines, from 0; end is not included.
	start, end int
}

// header is a line such as [profile work].
type header struct {
	section string // with one space after its first word
	line    int
}

// document is the parsed text of one of the two files.
type document struct {
	lines      []string // without "\n", with "\r"
	headers    []header
	properties []property
	// unread are lines that look like a header but are not one for the SDK.
	unread []int
	// loneQuote is the line of a value that is a single quote character, or -1.
	// The SDK's reader panics at it.
	loneQuote int
}

func parse(text string) document {
	d := document{lines: strings.Split(text, "\n"), loneQuote: -1}
	section, current := "", -1 // current is the property to which indented lines belong
	for i, line := range d.lines {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimLeft(line), "#") || strings.HasPrefix(trimLeft(line), ";") {
			continue
		}
		if name, ok := headerName(line); ok {
			section, current = name, -1
			d.headers = append(d.headers, header{name, i})
			continue
		}
		if trimmed[0] == '[' {
			d.unread = append(d.unread, i)
		}
		if isBlank(line[0]) {
			current = d.indented(section, current, i)
			continue
		}
		if p, ok := d.property(line, i); ok && section != "" {
			p.section = section
			current = d.add(p)
		}
	}
	return d
}

// headerName returns the name in a header, which only a comment may follow. One
// space separates its first word, usually "profile", from the rest.
func headerName(line string) (name string, ok bool) {
	line, _, _ = strings.Cut(line, "#")
	line, _, _ = strings.Cut(line, ";")
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "[") || !strings.HasSuffix(line, "]") {
		return "", false
	}
	name = strings.TrimSpace(line[1 : len(line)-1])
	if i := strings.IndexAny(name, " \t"); i > 0 {
		name = name[:i] + " " + trimLeft(name[i:])
	}
	return name, true
}

// property reads a line that is not indented. A space precedes a comment.
func (d *document) property(line string, i int) (property, bool) {
	key, value, ok := cutKey(strings.TrimRight(withoutComment(line), " \t"))
	return property{key: strings.ToLower(key), text: d.unquote(value, i), start: i, end: i + 1}, ok
}

// add appends a property. It returns the property that the next indented line
// belongs to, which is -1, none, after a key without a name.
func (d *document) add(p property) (current int) {
	d.properties = append(d.properties, p)
	if p.key == "" {
		return -1
	}
	return len(d.properties) - 1
}

// indented reads an indented line. Below a key without a value it is a nested
// key. Otherwise it is a key of its own if it has "=" or ":", and else the next
// line of the value above. indented returns the property that the next indented
// line belongs to.
func (d *document) indented(section string, current, i int) int {
	line := trimLeft(d.lines[i])
	key, value, ok := cutKey(line)
	if ok {
		value = d.unquote(value, i)
	}
	switch {
	case ok && section != "" && (current < 0 || d.properties[current].text != ""):
		return d.add(property{section: section, key: strings.ToLower(key), start: i, end: i + 1, text: strings.TrimSpace(withoutComment(value))})
	case current < 0:
		return current
	}
	p := &d.properties[current]
	p.end = i + 1
	switch {
	case ok && p.nested == nil:
		p.nested = map[string]string{strings.ToLower(key): value}
	case ok:
		p.nested[strings.ToLower(key)] = value
	case p.text != "":
		p.text += "\n" + line
	}
	return current
}

// cutKey cuts at the first "=" or ":".
func cutKey(line string) (key, value string, ok bool) {
	i := strings.IndexAny(line, "=:")
	if i < 0 {
		return "", "", false
	}
	return strings.TrimSpace(line[:i]), strings.TrimSpace(line[i+1:]), true
}

func withoutComment(line string) string {
	for _, mark := range []string{" #", " ;", "\t#", "\t;"} {
		line, _, _ = strings.Cut(line, mark)
	}
	return line
}

// unquote removes quotes around a whole value.
func (d *document) unquote(value string, line int) string {
	for _, quote := range []string{"'", `"`} {
		if value == quote {
			if d.loneQuote < 0 {
				d.loneQuote = line
			}
			return value
		}
		if strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
			return value[1 : len(value)-1]
		}
	}
	return value
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func trimLeft(line string) string { return strings.TrimLeft(line, " \t") }
