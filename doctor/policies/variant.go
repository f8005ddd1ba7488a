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

// variants changes statements, each by itself. A variant shows whether a finding
// depends on its statement.
func (c *Case) variants(statements []*policy.Statement, change change) []variant {
	var all []variant
	texts := make(map[*policyfile.Document][]policyfile.Value)
	for _, s := range statements {
		p, found := c.place(s)
		if !found {
			continue
		}
		d := p.document
		if texts[d] == nil {
			texts[d] = statementValues(d)
		}
		if s.Index > len(texts[d]) {
			continue
		}
		if changed := variantOf(d, s, texts[d][s.Index-1], change); changed != nil {
			all = append(all, variant{s, changed})
		}
	}
	return all
}

// statementValues returns the JSON values of a document's statements.
func statementValues(d *policyfile.Document) []policyfile.Value {
	list, _ := d.Root.Fold("Statement")
	if list.Kind() == '[' {
		return list.Items()
	}
	return []policyfile.Value{list}
}

// variantOf returns the changed statement, or nil if nothing changes or the result
// can't be parsed.
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

// biting returns the statements that do not apply to a request, but whose variants
// do or may.
func biting(variants []variant, r policy.Request) *statementSet {
	changed := make([]*policy.Statement, len(variants))
	before := make([]*policy.Statement, len(variants))
	for i, v := range variants {
		changed[i], before[i] = v.changed, v.statement
	}
	var bite, bit statementSet
	sure, unsure := policy.Applying(changed, r)
	bite.add(sure...)
	bite.add(unsure...)
	sure, unsure = policy.Applying(before, r)
	bit.add(sure...)
	bit.add(unsure...)
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
	return c.stackWith(kind, func(d *policyfile.Document) *policy.Document {
		part := &policy.Document{Source: d.Source, Version: d.Version}
		for _, s := range d.Statements {
			if changed := instead[s]; changed != nil {
				s = changed
			}
			part.Statements = append(part.Statements, s)
		}
		return part
	})
}

// patch is a change to statements, and the findings that it mends.
type patch struct {
	statements []*policy.Statement
	change     change
	mends      []func(*Case) Finding // none may be found after the change
}

// diff returns the change to the documents as unified diffs; ok is false if a
// finding would be left after it. Nothing is written: the owner of the policy
// decides.
func (c *Case) diff(p patch) (text string, ok bool) {
	edits := c.edits(p)
	if len(edits) == 0 || !c.mended(p, edits) { // mutation: a diff is judged before it is shown
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
	texts := make(map[*policyfile.Document][]policyfile.Value)
	for _, s := range p.statements {
		place, found := c.place(s)
		if !found {
			continue
		}
		d := place.document
		if texts[d] == nil {
			texts[d] = statementValues(d)
		}
		if s.Index <= len(texts[d]) {
			edits[d] = append(edits[d], p.change(texts[d][s.Index-1])...)
		}
	}
	return edits
}

// mended judges again with the edits, and reports whether the findings are gone.
func (c *Case) mended(p patch, edits map[*policyfile.Document][]policyfile.Edit) bool {
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
	for _, finds := range p.mends {
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
// as IAM's answer or a template's, is shown indented, and the diff names no file:
// it can't be applied to one.
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
	whole := *d
	whole.Root = policyfile.NewValue(indented.Bytes())
	var all []policyfile.Edit
	values := statementValues(&whole)
	for _, s := range p.statements {
		if place, found := c.place(s); found && place.document == d && s.Index <= len(values) {
			all = append(all, p.change(values[s.Index-1])...)
		}
	}
	hunks := strings.ReplaceAll(policyfile.Hunks(indented.Bytes(), all), `\u0000`, "…") // policy.Unspecified in JSON
	return fmt.Sprintf("--- %s\n+++ %s\n%s", name, name, hunks)
}
