package policy

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"unicode/utf16"
)

// kind is the kind of a JSON value.
type kind string

const (
	objectKind  kind = "an object"
	listKind    kind = "a list"
	stringKind  kind = "a string"
	numberKind  kind = "a number"
	booleanKind kind = "true or false"
	nullKind    kind = "null"
)

// node is a JSON value with its line. Decoding into structs would lose the
// lines, the duplicate keys and the case of names.
type node struct {
	kind    kind
	line    int
	text    string // of a string, number or boolean
	items   []*node
	members []member
}

// member of an object.
type member struct {
	name  string
	line  int
	value *node
}

// reader builds nodes from valid JSON.
type reader struct {
	source  string
	data    []byte
	decoder *json.Decoder
	line    int
	at      int // offset up to which lines are counted
}

// readJSON reads one JSON value; errors begin with source:line.
func readJSON(source string, line int, data []byte) (*node, error) {
	r := &reader{source: source, data: data, line: line}
	// Decoder.Token does not check commas or what follows the value. Unmarshal
	// does, and bounds the nesting.
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			r.countTo(syntax.Offset)
		}
		return nil, r.errorf("not valid JSON: %w", err)
	}
	r.decoder = json.NewDecoder(bytes.NewReader(data))
	r.decoder.UseNumber()
	return r.value()
}

func (r *reader) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", r.source, r.line, fmt.Errorf(format, args...))
}

// countTo moves to the line of an offset.
func (r *reader) countTo(offset int64) {
	end := min(int(offset), len(r.data))
	if end > r.at {
		r.line += bytes.Count(r.data[r.at:end], []byte{'\n'})
		r.at = end
	}
}

func (r *reader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.errorf("reading JSON: %w", err)
	}
	r.countTo(r.decoder.InputOffset())
	return token, nil
}

func (r *reader) value() (*node, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	n := &node{line: r.line}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			n.kind = objectKind
			return n, r.object(n)
		}
		n.kind = listKind
		return n, r.list(n)
	case string:
		n.kind, n.text = stringKind, t
	case json.Number:
		n.kind, n.text = numberKind, t.String()
	case bool:
		n.kind, n.text = booleanKind, fmt.Sprint(t)
	default:
		n.kind = nullKind
	}
	return n, nil
}

func (r *reader) list(n *node) error {
	for r.decoder.More() {
		item, err := r.value()
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := r.token()
	return err
}

// object reads members. A duplicate key is an error, as in IAM
// (reference_policies_grammar).
func (r *reader) object(n *node) error {
	seen := make(map[string]int)
	for r.decoder.More() {
		token, err := r.token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if first, found := seen[name]; found {
			return r.errorf("duplicate key %q, first on line %d: IAM refuses such a document", name, first)
		}
		seen[name] = r.line
		m := member{name: name, line: r.line}
		if m.value, err = r.value(); err != nil {
			return err
		}
		n.members = append(n.members, m)
	}
	_, err := r.token()
	return err
}

// plain removes encodings: Windows PowerShell's ">" writes UTF-16, some editors
// write a byte order mark, and the IAM API returns documents percent-encoded by
// RFC 3986 (GetPolicyVersion in the IAM API reference).
func plain(text []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		text = decodeUTF16(text[2:], binary.LittleEndian)
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		text = decodeUTF16(text[2:], binary.BigEndian)
	}
	text = bytes.TrimPrefix(text, []byte{0xEF, 0xBB, 0xBF})
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte{'%'}) {
		return text, nil
	}
	// QueryUnescape would turn a "+" into a space.
	decoded, err := url.PathUnescape(string(bytes.TrimSpace(text)))
	return []byte(decoded), err
}

func decodeUTF16(text []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, 0, len(text)/2)
	for ; len(text) >= 2; text = text[2:] {
		units = append(units, order.Uint16(text))
	}
	return []byte(string(utf16.Decode(units)))
}
