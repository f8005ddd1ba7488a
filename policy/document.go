package policy

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// The versions of the policy language (reference_policies_elements_version). A
// document without one is of the old version, which has no policy variables.
const (
	Version2012 = "2012-10-17"
	Version2008 = "2008-10-17"
)

// ErrPrincipal is the error for a document that names a principal although its
// layer has none: a role's trust policy, or the policy of a resource.
var ErrPrincipal = errors.New("names a principal, so this is a trust or resource policy, not one of a user, a permissions boundary or a service control policy")

// Document is one policy document.
type Document struct {
	Source     string
	Version    string // as written; empty when absent
	Statements []*Statement
	Notes      []Note // what is odd, in the order of the document
}

// Note is about a part of a document that has no effect, or that IAM may
// refuse.
type Note struct {
	Line int
	Text string
}

// builder turns nodes into a Document.
type builder struct {
	document  *Document
	layer     Layer
	variables bool
}

// Parse reads an identity policy: JSON, percent-encoded or not, as the IAM API
// returns it. Errors and statements cite source, such as a file name or an ARN.
// An error reads "source:line: what is wrong"; for a policy of another kind it
// wraps ErrPrincipal. Lines are those of the decoded text.
func Parse(source string, text []byte) (*Document, error) {
	return ParseAt(Identity, source, 1, text)
}

// ParseAt is Parse for any layer, and for a document inside a larger text, such
// as the answer of GetPolicyVersion; line is where the document begins. In
// RCPs, key policies and endpoint policies each statement has to name
// principals; in the other layers none may.
func ParseAt(layer Layer, source string, line int, text []byte) (*Document, error) {
	b := &builder{document: &Document{Source: source}, layer: layer}
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
		return b.errorf(root.line, "the document has no Statement, so it is not a policy")
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

// elements returns an object's members by their proper names. The pages do not
// say whether the case of names matters. Names in other case are read and
// noted, as a statement without its "condition" would mean something else.
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

// proper returns the name that is equal but for case, or "".
func proper(written string, names []string) string {
	for _, name := range names {
		if strings.EqualFold(name, written) {
			return name
		}
	}
	return ""
}

// statementElements are the elements of a statement
// (reference_policies_grammar).
var statementElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
	"Resource", "NotResource", "Condition",
}

// statement reads one statement.
func (b *builder) statement(n *node, index int) (*Statement, error) {
	what := fmt.Sprintf("statement %d", index)
	elements, err := b.elements(n, what, statementElements)
	if err != nil {
		return nil, err
	}
	s := &Statement{Source: b.document.Source, Line: n.line, Index: index}
	if err := b.principals(s, n, what, elements); err != nil {
		return nil, err
	}
	if err := b.names(s, what, elements); err != nil {
		return nil, err
	}
	actions, not, err := b.pair(n, what, elements, "Action")
	if err != nil {
		return nil, err
	}
	s.setActions(actions, not)
	resources, not, err := b.pair(n, what, elements, "Resource")
	if err != nil {
		return nil, err
	}
	s.setResources(resources, not, b.variables)
	for _, r := range resources {
		if b.variables && strings.Contains(beforeLastPart(r), "${") {
			b.note(n.line, "%s: Resource %q: a variable before the fifth colon is never filled in", what, r)
		}
	}
	if condition, found := elements["Condition"]; found {
		if s.Conditions, err = b.conditions(condition, what); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// names reads Sid and Effect.
func (b *builder) names(s *Statement, what string, elements map[string]*node) error {
	if sid, found := elements["Sid"]; found {
		if sid.kind != stringKind {
			return b.errorf(sid.line, "%s: Sid is %s, not a string", what, sid.kind)
		}
		s.Sid = sid.text
	}
	effect, found := elements["Effect"]
	if !found {
		return b.errorf(s.Line, "%s has no Effect", what)
	}
	// IAM compares exactly and refuses "deny".
	if s.Effect = effect.text; effect.kind != stringKind || s.Effect != Allow && s.Effect != Deny {
		return b.errorf(effect.line, "%s: Effect is neither %q nor %q", what, Allow, Deny)
	}
	return nil
}

// pair reads an element or its Not form. A statement has exactly one of them.
func (b *builder) pair(n *node, what string, elements map[string]*node, name string) (values []string, not bool, err error) {
	value, found := elements[name]
	negated, not := elements["Not"+name]
	switch {
	case found && not:
		return nil, false, b.errorf(negated.line, "%s has both %s and Not%s", what, name, name)
	case not:
		value, name = negated, "Not"+name
	case !found:
		return nil, false, b.errorf(n.line, "%s has neither %s nor Not%s", what, name, name)
	}
	values, err = b.strings(value, what+": "+name, false)
	return values, not, err
}

// strings reads a string or a list of strings. With scalars it accepts numbers
// and booleans, which IAM takes unquoted as condition values
// (reference_policies_elements_condition_operators, "Bool" and "Numeric").
func (b *builder) strings(n *node, what string, scalars bool) ([]string, error) {
	items := []*node{n}
	if n.kind == listKind {
		items = n.items
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		if item.kind != stringKind && (!scalars || item.kind != numberKind && item.kind != booleanKind) {
			return nil, b.errorf(item.line, "%s is %s, not a string", what, item.kind)
		}
		values = append(values, item.text)
	}
	if len(values) == 0 {
		b.note(n.line, "%s is an empty list, which IAM refuses", what)
	}
	return values, nil
}

// conditions reads a Condition: operators with keys under each.
func (b *builder) conditions(n *node, what string) ([]*Condition, error) {
	if n.kind != objectKind {
		return nil, b.errorf(n.line, "%s: Condition is %s, not an object", what, n.kind)
	}
	var conditions []*Condition
	for _, o := range n.members {
		if o.value.kind != objectKind {
			return nil, b.errorf(o.line, "%s: %s is %s, not an object of condition keys", what, o.name, o.value.kind)
		}
		for _, m := range o.value.members {
			c, err := b.condition(o.name, m, what)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

func (b *builder) condition(operator string, m member, what string) (*Condition, error) {
	what = fmt.Sprintf("%s: %s %s", what, operator, m.name)
	values, err := b.strings(m.value, what, true)
	if err != nil {
		return nil, err
	}
	c := &Condition{Operator: operator, Key: m.name, Values: values, Line: m.line}
	for _, useless := range c.compile(b.variables) {
		b.note(m.line, "%s: the value %q never matches", what, useless)
	}
	if c.Name == "" {
		b.note(m.line, "%s: the operator is not known here", what)
	}
	return c, nil
}
