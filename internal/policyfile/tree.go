package policyfile

import (
	"encoding/json"
	"fmt"
	"strings"
)

// tree is a value of a template, in JSON or YAML, with its line.
type tree struct {
	kind    kind
	line    int
	text    string // of a scalar
	items   []*tree
	members []treeMember
	value   Value // in a file in JSON; else of Kind 0
}

type treeMember struct {
	name  string
	line  int
	value *tree
}

// kind of a tree.
type kind int

const (
	nullTree kind = iota
	scalarTree
	listTree
	objectTree
)

// get returns the value of a member, or nil.
func (t *tree) get(name string) *tree {
	if t == nil {
		return nil
	}
	for _, m := range t.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// string returns the text of a scalar, or "".
func (t *tree) string() string {
	if t == nil || t.kind != scalarTree {
		return ""
	}
	return t.text
}

// treeOf returns the tree of a JSON value.
func treeOf(v Value) *tree {
	at := 0
	line := 1
	return (&jsonTree{v.Text, at, line}).build(v)
}

// jsonTree builds a tree, and counts lines on the way.
type jsonTree struct {
	text []byte
	at   int
	line int
}

func (j *jsonTree) lineOf(v Value) int {
	for ; j.at < v.From; j.at++ {
		if j.text[j.at] == '\n' {
			j.line++
		}
	}
	return j.line
}

func (j *jsonTree) build(v Value) *tree {
	t := &tree{line: j.lineOf(v), value: v}
	switch v.Kind() {
	case '{':
		t.kind = objectTree
		v.Each(func(m Value) bool {
			line := j.lineOf(m)
			t.members = append(t.members, treeMember{m.Name(), line, j.build(m.Value())})
			return true
		})
	case '[':
		t.kind = listTree
		v.Each(func(item Value) bool {
			t.items = append(t.items, j.build(item))
			return true
		})
	case '"':
		t.kind, t.text = scalarTree, v.String()
	case 'n':
	default:
		t.kind, t.text = scalarTree, string(v.Raw())
	}
	return t
}

// maxRendered bounds a document that aliases of YAML expand.
const maxRendered = 16 << 20

// errTooLarge is the error for a document over maxRendered.
var errTooLarge = fmt.Errorf("over %d MiB when it is written out", maxRendered>>20)

// render writes a tree as JSON, with each value on its line in the template.
// Scalars become strings, which are accepted everywhere in policies.
func render(t *tree) (text []byte, err error) {
	r := &renderer{line: t.line}
	r.write(t)
	if r.out.Len() > maxRendered {
		return nil, errTooLarge
	}
	return []byte(r.out.String()), nil
}

type renderer struct {
	out  strings.Builder
	line int
}

func (r *renderer) goTo(line int) {
	for ; r.line < line; r.line++ {
		r.out.WriteByte('\n')
	}
}

func (r *renderer) quote(text string) {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string can be marshalled
	}
	r.out.Write(quoted)
}

func (r *renderer) write(t *tree) {
	if r.out.Len() > maxRendered {
		return
	}
	r.goTo(t.line)
	switch t.kind {
	case nullTree:
		r.out.WriteString("null")
	case scalarTree:
		r.quote(t.text)
	case listTree:
		r.out.WriteByte('[')
		for i, item := range t.items {
			r.comma(i)
			r.write(item)
		}
		r.out.WriteByte(']')
	case objectTree:
		r.out.WriteByte('{')
		for i, m := range t.members {
			r.comma(i)
			r.goTo(m.line)
			r.quote(m.name)
			r.out.WriteString(": ")
			r.write(m.value)
		}
		r.out.WriteByte('}')
	}
}

func (r *renderer) comma(i int) {
	if i > 0 {
		r.out.WriteString(", ")
	}
}
