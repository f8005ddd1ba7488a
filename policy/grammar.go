package policy

import "fmt"

// statementElements are the elements of a statement (reference_policies_grammar).
var statementElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
	"Resource", "NotResource", "Condition",
}

// statement reads one statement, the index-th.
func (b *builder) statement(n *node, index int) (*Statement, error) {
	what := fmt.Sprintf("statement %d", index)
	elements, err := b.elements(n, what, statementElements)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Principal", "NotPrincipal"} {
		if p, found := elements[name]; found {
			return nil, b.errorf(p.line, "%s %w", what, ErrPrincipal)
		}
	}
	s := &Statement{Source: b.document.Source, Line: n.line, Index: index}
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

// pair reads an element or its Not form, of which a statement has exactly one.
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

// strings reads a string or a list of them. With scalars a number or a boolean
// will do: IAM takes both unquoted as condition values
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

// conditions reads a Condition: operators, and under each of them keys.
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
