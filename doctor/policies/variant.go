package policies

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// change returns the edits of a statement's text.
type change func(statement policyfile.Value) []policyfile.Edit

// variant is a statement, and what it would be after a change.
type variant struct{ statement, changed *policy.Statement }

// variants changes statements, each by itself. A variant shows whether a
// finding depends on its statement.
func (c *Case) variants(statements []*policy.Statement, change change) []variant {
	var all []variant
	c.eachValue(statements, func(d *policyfile.Document, s *policy.Statement, at policyfile.Value) {
		if changed := variantOf(d, s, at, change); changed != nil {
			all = append(all, variant{s, changed})
		}
	})
	return all
}

// eachValue visits statements with their documents and JSON values. Assumed
// ones have none.
func (c *Case) eachValue(statements []*policy.Statement, visit func(*policyfile.Document, *policy.Statement, policyfile.Value)) {
	values := make(map[*policyfile.Document][]policyfile.Value)
	for _, s := range statements {
		p, found := c.place(s)
		if !found {
			continue
		}
		if values[p.document] == nil {
			values[p.document] = statementValues(p.document.Root)
		}
		if s.Index <= len(values[p.document]) {
			visit(p.document, s, values[p.document][s.Index-1])
		}
	}
}

// statementValues returns the JSON values of a document's statements.
func statementValues(document policyfile.Value) []policyfile.Value {
	list, _ := document.Fold("Statement")
	return listed(list)
}

// variantOf returns the changed statement, or nil if nothing changes or the
// result can't be parsed.
func variantOf(d *policyfile.Document, s *policy.Statement, at policyfile.Value, change change) *policy.Statement {
	edits := change(at)
	if len(edits) == 0 {
		return nil
	}
	for i := range edits {
		edits[i].From, edits[i].To = edits[i].From-at.From, edits[i].To-at.From
	}
	text := fmt.Sprintf(`{"Version": %q, "Statement": %s}`, cmp.Or(d.Version, policy.Version2008), policyfile.Apply(at.Raw(), edits))
	parsed, err := policy.ParseAt(d.Layer, s.Source, s.Line, []byte(text))
	if err != nil {
		return nil
	}
	return parsed.Statements[0]
}

// biting returns the statements that do not apply to a request, but whose
// variants do or may.
func biting(variants []variant, r policy.Request) *statementSet {
	var changed, before []*policy.Statement
	for _, v := range variants {
		changed, before = append(changed, v.changed), append(before, v.statement)
	}
	bite, bit := applying(changed, r), applying(before, r)
	var found statementSet
	for _, v := range variants {
		if bite.has[v.changed] && !bit.has[v.statement] {
			found.add(v.statement)
		}
	}
	return &found
}

// stackAfter returns a stack with variants in the place of their statements.
func (c *Case) stackAfter(kind stackKind, variants []variant) policy.Policies {
	instead := make(map[*policy.Statement]*policy.Statement, len(variants))
	for _, v := range variants {
		instead[v.statement] = v.changed
	}
	return c.stackOfStatements(kind, func(s *policy.Statement) *policy.Statement {
		return cmp.Or(instead[s], s)
	})
}

// patch is a change to statements, and the findings that it fixes.
type patch struct {
	statements []*policy.Statement
	change     change
	fixes      []func(*Case) Finding // none may be found after the change
}

// diff returns the change to the documents as unified diffs; ok is false if a
// finding would be left after it. Nothing is written: the owner of the policy
// decides.
func (c *Case) diff(p patch) (text string, ok bool) {
	edits := c.edits(p)
	if len(edits) == 0 || !c.fixed(p, edits) { // mutation: a diff is judged before it is shown
		return "", false
	}
	var diffs strings.Builder
	for _, d := range c.Documents {
		if len(edits[d]) == 0 {
			continue
		}
		if d.Origin != "" {
			fmt.Fprintf(&diffs, "# %s\n", strings.Map(oneLine, d.Origin))
		}
		diffs.WriteString(c.diffOf(d, edits[d], p))
	}
	return diffs.String(), true
}

func oneLine(r rune) rune {
	if r == '\r' || r == '\n' {
		return ' '
	}
	return r
}

// edits returns the edits of each document.
func (c *Case) edits(p patch) map[*policyfile.Document][]policyfile.Edit {
	edits := make(map[*policyfile.Document][]policyfile.Edit)
	c.eachValue(p.statements, func(d *policyfile.Document, _ *policy.Statement, at policyfile.Value) {
		edits[d] = append(edits[d], p.change(at)...)
	})
	return edits
}

// fixed judges again with the edits, and reports whether the findings are
// gone.
func (c *Case) fixed(p patch, edits map[*policyfile.Document][]policyfile.Edit) bool {
	after := &Case{Set: c.Set, AssumeAllow: c.AssumeAllow, Repository: c.Repository, Now: c.Now}
	after.Documents = slices.Clone(c.Documents)
	for i, d := range c.Documents {
		if len(edits[d]) == 0 {
			continue
		}
		text := policyfile.Apply(d.Root.Raw(), relative(edits[d], d.Root.From))
		parsed, err := policy.ParseAt(d.Layer, d.Source, 1, text)
		if err != nil {
			return false
		}
		changed := *d
		changed.Document, changed.Root = parsed, policyfile.NewValue(text)
		after.Documents[i] = &changed
	}
	for _, finds := range p.fixes {
		if finds(after).Found {
			return false
		}
	}
	return true
}

func relative(edits []policyfile.Edit, to int) []policyfile.Edit {
	moved := slices.Clone(edits)
	for i := range moved {
		moved[i].From, moved[i].To = moved[i].From-to, moved[i].To-to
	}
	return moved
}

// diffOf is the diff of one document. One that no file holds as it stands, such
// as IAM's answer or a template's, is shown indented, and the diff names no
// file: it can't be applied to one.
func (c *Case) diffOf(d *policyfile.Document, edits []policyfile.Edit, p patch) string {
	name := d.Source
	switch {
	case d.Derived:
		name = "the document in " + d.Source
	case !c.Collected:
		return policyfile.Diff(name, d.Root.Text, edits)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, d.Root.Raw(), "", "    "); err != nil {
		return ""
	}
	var all []policyfile.Edit
	values := statementValues(policyfile.NewValue(indented.Bytes()))
	for _, s := range p.statements {
		if place, found := c.place(s); found && place.document == d {
			all = append(all, p.change(values[s.Index-1])...)
		}
	}
	hunks := strings.ReplaceAll(policyfile.Hunks(indented.Bytes(), all), `\u0000`, "…") // policy.Unspecified in JSON
	return fmt.Sprintf("--- %s\n+++ %s\n%s", name, name, hunks)
}
