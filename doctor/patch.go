package doctor

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

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
			diffs = append(diffs, unified(d.without(indexes, services)))
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
func (d *Document) without(indexes []int, services []string) (name string, text []byte, edits []edit) {
	name, text = d.Source, d.text
	root := d.root
	if slices.ContainsFunc(bytes.Split(root.raw(), []byte("\n")), func(line []byte) bool { return len(line) > narrow }) {
		var indented bytes.Buffer
		if err := json.Indent(&indented, root.raw(), "", "    "); err != nil {
			return name, nil, nil
		}
		name, text, root = name+" (indented)", indented.Bytes(), newSpan(indented.Bytes())
	}
	list, _ := root.fold("Statement")
	items := []span{list}
	if list.kind() == '[' {
		items = list.items()
	}
	for _, i := range indexes {
		if i <= len(items) {
			edits = append(edits, unexempt(items[i-1], services)...)
		}
	}
	return name, text, edits
}

// unexempt takes services out of the exceptions of one statement.
func unexempt(statement span, services []string) []edit {
	var edits []edit
	for _, name := range []string{"NotAction", "NotResource"} {
		key, value, found := statement.foldMember(name)
		if !found {
			continue
		}
		drop := func(s span) bool {
			text := s.string()
			// What is excepted beside git's own actions is another matter.
			return slices.Contains(services, serviceOf(text)) &&
				(name == "NotResource" || len(matching([]string{text}, slices.Concat(gitActions, kmsActions))) > 0)
		}
		items := []span{value}
		if value.kind() == '[' {
			items = value.items()
		}
		if !slices.ContainsFunc(items, func(s span) bool { return !drop(s) }) {
			// An empty list is no policy; what excepts nothing is everything.
			edits = append(edits, edit{key.from, value.to, `"` + strings.TrimPrefix(name, "Not") + `": "*"`})
			continue
		}
		edits = append(edits, removals(items, drop)...)
	}
	if conditions, found := statement.fold("Condition"); found && slices.Contains(services, "codecommit") {
		edits = append(edits, unconditional(conditions)...)
	}
	return edits
}

// unconditional takes out conditions on kms:ViaService: in a Deny that asks for
// MFA they are there to let CodeCommit's calls pass.
func unconditional(conditions span) []edit {
	via := func(member span) bool { return strings.EqualFold(member.name(), keyVia) }
	var edits []edit
	operators := conditions.items()
	empty := func(operator span) bool {
		return !slices.ContainsFunc(operator.value().items(), func(m span) bool { return !via(m) })
	}
	for _, operator := range operators {
		if !empty(operator) {
			edits = append(edits, removals(operator.value().items(), via)...)
		}
	}
	return append(edits, removals(operators, empty)...)
}

// edit replaces a part of a text.
type edit struct {
	from, to int
	with     string
}

// removals takes items out of a list or an object, with the commas that go with
// them, and leaves the layout of the rest as it is.
func removals(items []span, drop func(span) bool) []edit {
	var edits []edit
	for i := 0; i < len(items); i++ {
		if !drop(items[i]) {
			continue
		}
		end := i
		for end+1 < len(items) && drop(items[end+1]) {
			end++
		}
		switch {
		case end+1 < len(items):
			edits = append(edits, edit{from: items[i].from, to: items[end+1].from})
		case i > 0:
			edits = append(edits, edit{from: items[i-1].to, to: items[end].to})
		}
		i = end
	}
	return edits
}
