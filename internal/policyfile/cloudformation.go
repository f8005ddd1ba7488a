package policyfile

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// template reads a CloudFormation template: the documents of its users, groups
// and managed policies, wherever they stand. Results of intrinsic functions are
// unknown.
func (f *file) template(root *tree) error {
	before, notes := len(f.Documents), len(f.Notes)
	for _, resource := range root.get("Resources").members {
		kind := resource.value.get("Type").string()
		if err := f.resource(resource.name, kind, resource.value.get("Properties")); err != nil {
			return err
		}
	}
	if len(f.Documents) == before && len(f.Notes) == notes {
		return fmt.Errorf("%s:%d: a CloudFormation template without a policy of a %s in it", f.name, root.line, f.wants())
	}
	return nil
}

// wants says whose policies are read.
func (f *file) wants() string {
	if f.layer == policy.Identity {
		return "user or group"
	}
	return string(f.layer)
}

// ofResource maps types of resources to their documents.
var ofResource = sync.OnceValue(func() map[string]documentOf {
	return map[string]documentOf{
		"AWS::IAM::Policy":           {policy.Identity, "PolicyDocument"},
		"AWS::IAM::ManagedPolicy":    {policy.Identity, "PolicyDocument"},
		"AWS::IAM::UserPolicy":       {policy.Identity, "PolicyDocument"},
		"AWS::IAM::GroupPolicy":      {policy.Identity, "PolicyDocument"},
		"AWS::IAM::User":             {policy.Identity, "PolicyDocument"},
		"AWS::IAM::Group":            {policy.Identity, "PolicyDocument"},
		"AWS::Organizations::Policy": {policy.SCP, "Content"},
		"AWS::KMS::Key":              {policy.Key, "KeyPolicy"},
		"AWS::EC2::VPCEndpoint":      {policy.Endpoint, "PolicyDocument"},
	}
})

// documentOf is the layer of a resource's document, and the member that holds
// it.
type documentOf struct {
	layer  policy.Layer
	member string
}

// resource reads the documents of one resource. Those of other layers are read
// for their own option only: a template's key or endpoint may have nothing to
// do with the repository.
func (f *file) resource(name, kind string, properties *tree) error {
	of, known := ofResource()[kind]
	if !known {
		of.layer, of.member = "", "PolicyDocument"
	}
	if kind == "AWS::Organizations::Policy" && properties.get("Type").string() == "RESOURCE_CONTROL_POLICY" {
		of.layer = policy.RCP
	}
	if f.layer == policy.Boundary && of.layer == policy.Identity {
		of.layer = policy.Boundary
	}
	for _, found := range documentsIn(properties, of.member) {
		origin := strings.TrimSpace(kind + " " + name)
		if of.layer != f.layer {
			f.Notes = append(f.Notes, fmt.Sprintf("passed over: %s:%d: a policy of %s", f.name, found.line, origin))
			continue
		}
		if err := f.derived(found, origin); err != nil {
			return err
		}
	}
	return nil
}

// documentsIn returns the members with a name, at any depth.
func documentsIn(t *tree, member string) []*tree {
	if t == nil {
		return nil
	}
	var found []*tree
	for _, m := range t.members {
		if m.name == member {
			found = append(found, m.value)
		} else {
			found = append(found, documentsIn(m.value, member)...)
		}
	}
	for _, item := range t.items {
		found = append(found, documentsIn(item, member)...)
	}
	return found
}

// derived reads a document of a template. A document in JSON without intrinsic
// functions is read from the file as it is. Statements of one in a string are
// on the line of the string.
func (f *file) derived(at *tree, origin string) error {
	if at.value.Kind() != 0 && !hasIntrinsic(at) {
		return f.document(at.value, origin)
	}
	settled := settle(at)
	if settled.kind == scalarTree {
		if strings.Contains(settled.text, policy.Unspecified) {
			return f.madeByFunction(at.line, "a document")
		}
		return f.textual(settled, origin)
	}
	if line, what := unsettled(settled); what != "" {
		return f.madeByFunction(line, what)
	}
	text, err := render(settled)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", f.name, at.line, err)
	}
	before := len(f.Documents)
	err = f.add(NewValue(text), text, settled.line, origin)
	for _, d := range f.Documents[before:] {
		d.Derived = true
	}
	return err
}

// madeByFunction is the error for an unknown part without which the document
// can't be judged.
func (f *file) madeByFunction(line int, what string) error {
	return &ReadError{fmt.Sprintf("%s:%d", f.name, line), what + " that an intrinsic function makes", policyVersion}
}

// unsettled finds a statement or an Effect that is unknown.
func unsettled(document *tree) (line int, what string) {
	list := document.get("Statement")
	if list == nil {
		return 0, ""
	}
	statements := list.items
	if list.kind != listTree {
		statements = []*tree{list}
	}
	for _, s := range statements {
		switch {
		case strings.Contains(s.string(), policy.Unspecified):
			return s.line, "a statement"
		case strings.Contains(s.get("Effect").string(), policy.Unspecified):
			return s.get("Effect").line, "an Effect"
		}
	}
	return 0, ""
}

// textual reads a document in a string of a template.
func (f *file) textual(at *tree, origin string) error {
	before := len(f.Documents)
	err := f.add(Value{}, []byte(oneLine(at.text)), at.line, origin)
	for _, d := range f.Documents[before:] {
		d.Derived = true
	}
	return err
}

// settle replaces intrinsic functions by their results, with policy.Unspecified
// for what is unknown. A reference to AWS::NoValue removes the member or item
// that holds it (CloudFormation user guide, "pseudo parameters").
func settle(t *tree) *tree {
	if name, argument, ok := intrinsic(t); ok {
		return &tree{kind: scalarTree, line: t.line, text: result(name, argument)}
	}
	settled := &tree{kind: t.kind, line: t.line, text: t.text}
	for _, item := range t.items {
		if !isNoValue(item) {
			settled.items = append(settled.items, settle(item))
		}
	}
	for _, m := range t.members {
		if !isNoValue(m.value) {
			settled.members = append(settled.members, treeMember{m.name, m.line, settle(m.value)})
		}
	}
	return settled
}

// intrinsic reports whether an object is an intrinsic function.
func intrinsic(t *tree) (name string, argument *tree, ok bool) {
	if t.kind != objectTree || len(t.members) != 1 {
		return "", nil, false
	}
	m := t.members[0]
	return m.name, m.value, m.name == "Ref" || strings.HasPrefix(m.name, "Fn::")
}

// hasIntrinsic reports whether a tree contains an intrinsic function.
func hasIntrinsic(t *tree) bool {
	if _, _, ok := intrinsic(t); ok {
		return true
	}
	return slices.ContainsFunc(t.items, hasIntrinsic) ||
		slices.ContainsFunc(t.members, func(m treeMember) bool { return hasIntrinsic(m.value) })
}

func isNoValue(t *tree) bool {
	name, argument, ok := intrinsic(t)
	return ok && name == "Ref" && argument.string() == "AWS::NoValue"
}

// result returns the result of a function, as far as it is known.
func result(name string, argument *tree) string {
	switch {
	case name == "Fn::Sub" && argument.kind == scalarTree:
		return substituted(argument.text)
	case name == "Fn::Sub" && argument.kind == listTree && len(argument.items) > 0:
		return substituted(argument.items[0].string())
	case name == "Fn::Join" && len(argument.items) == 2 && argument.items[1].kind == listTree:
		var parts []string
		for _, item := range argument.items[1].items {
			part := settle(item)
			if part.kind != scalarTree {
				return policy.Unspecified
			}
			parts = append(parts, part.text)
		}
		return strings.Join(parts, argument.items[0].string())
	}
	return policy.Unspecified
}

// substituted returns the result of Fn::Sub: ${Name} is unknown, ${!Name} is
// ${Name}.
func substituted(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		inner, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			if found {
				out.WriteString("${" + rest)
			}
			return out.String()
		}
		if literal, escaped := strings.CutPrefix(inner, "!"); escaped {
			out.WriteString("${" + literal + "}")
		} else {
			out.WriteString(policy.Unspecified)
		}
		text = after
	}
}
