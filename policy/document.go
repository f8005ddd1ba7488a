package policy

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// The versions of the policy language (reference_policies_elements_version). A
// document without one is of the old version, in which "${" is just text.
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// ErrPrincipal is the error for a document that names a principal: a role's
// trust policy or a resource's policy. Nothing here judges those.
var ErrPrincipal = errors.New("names a principal, so this is a trust or resource policy: only identity policies, permissions boundaries and service control policies are judged")

// Document is one policy document.
type Document struct {
	Source     string
	Version    string // as written; empty when absent
	Statements []*Statement
	Notes      []Note // what is odd, in the order of the document
}

// Note is something in a document that IAM may refuse or that has no effect,
// though the document can be judged.
type Note struct {
	Line int
	Text string
}

// builder makes a Document of nodes.
type builder struct {
	document  *Document
	variables bool
}

// Parse reads an identity policy, a permissions boundary or a service control
// policy: JSON, or its percent-encoded form as the IAM API returns it. Source,
// say a file name or an ARN, is what errors and statements cite. An error reads
// "source:line: what is wrong"; for a policy of another kind it is ErrPrincipal.
// Lines are those of the decoded text.
func Parse(source string, text []byte) (*Document, error) {
	return ParseAt(source, 1, text)
}

// ParseAt is Parse for a document that stands inside a larger text, such as the
// answer of GetPolicyVersion; line is where it begins there.
func ParseAt(source string, line int, text []byte) (*Document, error) {
	b := &builder{document: &Document{Source: source}}
	decoded, err := plain(text)
	if err != nil {
		return nil, b.errorf(line, "undoing the percent-encoding: %w", err)
	}
	if len(bytes.TrimSpace(decoded)) == 0 {
		return nil, b.errorf(line, "the document is empty")
	}
	root, err := readJSON(source, line, decoded)
	if err != nil {
		return nil, err
	}
	if err := b.build(root); err != nil {
		return nil, err
	}
	return b.document, nil
}

func (b *builder) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", b.document.Source, line, fmt.Errorf(format, args...))
}

func (b *builder) note(line int, format string, args ...any) {
	b.document.Notes = append(b.document.Notes, Note{Line: line, Text: fmt.Sprintf(format, args...)})
}

// build reads the top level (reference_policies_grammar).
func (b *builder) build(root *node) error {
	elements, err := b.elements(root, "the document", []string{"Version", "Id", "Statement"})
	if err != nil {
		return err
	}
	if v, found := elements["Version"]; found {
		if v.kind != stringKind || v.text != Version2012 && v.text != Version2008 {
			return b.errorf(v.line, "the Version is neither %q nor %q", Version2012, Version2008)
		}
		b.document.Version = v.text
	}
	b.variables = b.document.Version == Version2012
	statements, found := elements["Statement"]
	if !found {
		return b.errorf(root.line, "the document has no Statement, so it is no policy document")
	}
	items := []*node{statements}
	if statements.kind == listKind {
		items = statements.items
	}
	for i, n := range items {
		s, err := b.statement(n, i+1)
		if err != nil {
			return err
		}
		b.document.Statements = append(b.document.Statements, s)
	}
	return nil
}

// elements returns an object's members by their proper names. The pages say
// nothing on the case of element names; a document in other case is read, since
// to drop a "condition" would turn its statement around, and noted.
func (b *builder) elements(n *node, what string, names []string) (map[string]*node, error) {
	if n.kind != objectKind {
		return nil, b.errorf(n.line, "%s is %s, not an object", what, n.kind)
	}
	found := make(map[string]*node, len(n.members))
	for _, m := range n.members {
		name := proper(m.name, names)
		switch {
		case name == "":
			b.note(m.line, "%s has the unknown element %q, which IAM refuses", what, m.name)
			continue
		case name != m.name:
			b.note(m.line, "%q is written %q in the policy language", m.name, name)
		}
		if _, again := found[name]; again {
			return nil, b.errorf(m.line, "duplicate key %q: IAM refuses such a document", m.name)
		}
		found[name] = m.value
	}
	return found, nil
}

// proper finds the name that differs in case at most.
func proper(written string, names []string) string {
	for _, name := range names {
		if strings.EqualFold(name, written) {
			return name
		}
	}
	return ""
}
