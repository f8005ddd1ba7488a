package policies

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// withoutExemption prints, as a unified diff, the documents without what takes
// services out of the statements. Nothing is written, here or to AWS: whether
// the exemption may go is for its owner to say.
func (c *Case) withoutExemption(statements []*policy.Statement, services ...string) string {
	var diffs []string
	var wanted statementSet
	wanted.add(statements...)
	for _, d := range c.Documents {
		var indexes []int
		for _, s := range wanted.of(d.Statements) {
			indexes = append(indexes, s.Index)
		}
		if len(indexes) > 0 {
			diffs = append(diffs, policyfile.Diff(without(d, indexes, services)))
		}
	}
	if fix := strings.Join(diffs, ""); fix != "" {
		return fix
	}
	return "take what names " + strings.Join(services, " and ") + " out of the Deny's exceptions"
}

// narrow is how long lines may be for a diff to be read by people.
const narrow = 160

// without returns the text of one document, under a name, and what to change
// in it.
func without(d *policyfile.Document, indexes []int, services []string) (name string, text []byte, edits []policyfile.Edit) {
	name, text = d.Source, d.Root.Text
	root := d.Root
	if slices.ContainsFunc(bytes.Split(root.Raw(), []byte("\n")), func(line []byte) bool { return len(line) > narrow }) {
		var indented bytes.Buffer
		if err := json.Indent(&indented, root.Raw(), "", "    "); err != nil {
			return name, nil, nil
		}
		name, text, root = name+" (indented)", indented.Bytes(), policyfile.NewValue(indented.Bytes())
	}
	list, _ := root.Fold("Statement")
	items := []policyfile.Value{list}
	if list.Kind() == '[' {
		items = list.Items()
	}
	for _, i := range indexes {
		if i <= len(items) {
			edits = append(edits, unexempt(items[i-1], services)...)
		}
	}
	return name, text, edits
}

// unexempt takes services out of the exceptions of one statement.
func unexempt(statement policyfile.Value, services []string) []policyfile.Edit {
	var edits []policyfile.Edit
	for _, name := range []string{"NotAction", "NotResource"} {
		key, value, found := statement.FoldMember(name)
		if !found {
			continue
		}
		drop := func(s policyfile.Value) bool {
			text := s.String()
			// What is excepted beside git's own actions is another matter.
			return slices.Contains(services, serviceOf(text)) &&
				(name == "NotResource" || len(matching([]string{text}, slices.Concat(gitActions, kmsActions))) > 0)
		}
		items := []policyfile.Value{value}
		if value.Kind() == '[' {
			items = value.Items()
		}
		if !slices.ContainsFunc(items, func(s policyfile.Value) bool { return !drop(s) }) {
			// An empty list is no policy; what excepts nothing is everything.
			edits = append(edits, policyfile.Edit{From: key.From, To: value.To, With: `"` + strings.TrimPrefix(name, "Not") + `": "*"`})
			continue
		}
		edits = append(edits, policyfile.Remove(items, drop)...)
	}
	if conditions, found := statement.Fold("Condition"); found && slices.Contains(services, "codecommit") {
		edits = append(edits, unconditional(conditions)...)
	}
	return edits
}

// unconditional takes out conditions on kms:ViaService: in a Deny that asks for
// MFA they are there to let CodeCommit's calls pass.
func unconditional(conditions policyfile.Value) []policyfile.Edit {
	via := func(member policyfile.Value) bool { return strings.EqualFold(member.Name(), keyVia) }
	var edits []policyfile.Edit
	operators := conditions.Items()
	empty := func(operator policyfile.Value) bool {
		return !slices.ContainsFunc(operator.Value().Items(), func(m policyfile.Value) bool { return !via(m) })
	}
	for _, operator := range operators {
		if !empty(operator) {
			edits = append(edits, policyfile.Remove(operator.Value().Items(), via)...)
		}
	}
	return append(edits, policyfile.Remove(operators, empty)...)
}
