package policy

import (
	"slices"
	"strings"
)

// query is a Request made ready once for many statements.
type query struct {
	action   string // lower case
	resource string
	open     bool // the resource's name is not known
	context  map[string][]string
	unknown  map[string]string // lower case to as written
	prefixes []string
}

func newQuery(r Request) *query {
	q := &query{
		action:  strings.ToLower(r.Action),
		context: make(map[string][]string, len(r.Context)),
		unknown: make(map[string]string, len(r.Unknown)),
	}
	for key, values := range r.Context {
		// Two spellings of one key are one key with both values.
		lower := strings.ToLower(key)
		q.context[lower] = append(q.context[lower], values...)
	}
	for _, name := range r.Unknown {
		lower := strings.ToLower(name)
		switch {
		case lower == UnknownResource:
			q.open = true
		case strings.HasSuffix(name, "/") || strings.HasSuffix(name, ":"):
			q.prefixes = append(q.prefixes, name)
		default:
			q.unknown[lower] = name
		}
	}
	q.resource = r.Resource
	if q.open {
		q.resource = q.resource[:strings.LastIndexAny(q.resource, ":/")+1]
	}
	return q
}

// lookup finds the values of a condition key. The verdict is maybe when nothing
// is known of the key, else yes; no values then mean that the key is absent.
func (q *query) lookup(key, name string) ([]string, verdict) {
	if values, found := q.context[key]; found {
		return values, verdict{is: yes}
	}
	if written, found := q.unknown[key]; found {
		return nil, dependsOn(written)
	}
	for _, p := range q.prefixes {
		if len(key) >= len(p) && strings.EqualFold(key[:len(p)], p) {
			return nil, dependsOn(name)
		}
	}
	return nil, verdict{is: yes}
}

// Evaluate decides a request: an explicit deny anywhere wins, else every layer
// has to allow, else the request is denied implicitly
// (reference_policies_evaluation-logic). CodeCommit has no resource policies, so
// there is no such layer.
//
// Statements are judged one by one. Two that only together leave no doubt (deny
// inside a network, deny outside of it) still give Depends.
func (p Policies) Evaluate(r Request) Decision {
	q := newQuery(r)
	layers := []*tally{
		count(Identity, p.Identity, q),
		count(Boundary, p.Boundary, q),
		count(SCP, p.SCPs, q),
	}
	var denies matches
	allow := yes
	var lacking []Layer
	for i, t := range layers {
		denies.merge(t.deny)
		if i > 0 && t.empty {
			continue
		}
		allow = min(allow, t.allow.is())
		if t.allow.is() == no {
			lacking = append(lacking, t.layer)
		}
	}
	d := Decision{Lacking: lacking}
	switch {
	case denies.is() == yes:
		d.Outcome, d.Statements = ExplicitDeny, denies.sure
	case denies.is() == no && allow == no:
		d.Outcome = ImplicitDeny
	case denies.is() == no && allow == yes:
		d.Outcome = Allowed
		for _, t := range layers {
			d.Statements = append(d.Statements, t.allow.sure...)
		}
	default:
		return d.depends(layers, denies, allow)
	}
	d.Possible = []Outcome{d.Outcome}
	return d
}

// depends fills in a decision that hangs on something unknown.
func (d Decision) depends(layers []*tally, denies matches, allow tri) Decision {
	d.Outcome = Depends
	if allow != no {
		d.Possible = append(d.Possible, Allowed)
	}
	if allow != yes {
		d.Possible = append(d.Possible, ImplicitDeny)
	}
	if denies.is() == maybe {
		d.Possible = append(d.Possible, ExplicitDeny)
	}
	var on []string
	for _, t := range layers {
		// An Allow that may apply matters only where its layer has no sure one,
		// and where no other layer lacks one for good.
		if allow == maybe && t.allow.is() == maybe {
			d.Statements = append(d.Statements, t.allow.unsure...)
			on = append(on, t.allow.on...)
		}
		d.Statements = append(d.Statements, t.deny.unsure...)
		on = append(on, t.deny.on...)
	}
	d.DependsOn = distinct(on)
	return d
}

// matches are statements of one effect that apply, or may.
type matches struct {
	sure, unsure []*Statement
	on           []string
}

func (f *matches) add(s *Statement, v verdict) {
	switch v.is {
	case yes:
		f.sure = append(f.sure, s)
	case maybe:
		f.unsure = append(f.unsure, s)
		f.on = append(f.on, v.on...)
	}
}

func (f *matches) merge(g matches) {
	f.sure = slices.Concat(f.sure, g.sure)
	f.unsure = slices.Concat(f.unsure, g.unsure)
	f.on = slices.Concat(f.on, g.on)
}

func (f matches) is() tri {
	switch {
	case len(f.sure) > 0:
		return yes
	case len(f.unsure) > 0:
		return maybe
	}
	return no
}

// tally is what one layer says.
type tally struct {
	layer       Layer
	empty       bool
	allow, deny matches
}

func count(layer Layer, documents []*Document, q *query) *tally {
	t := &tally{layer: layer, empty: len(documents) == 0}
	for _, d := range documents {
		if d == nil {
			continue
		}
		for _, s := range d.Statements {
			if s == nil {
				continue
			}
			switch s.Effect {
			case Allow:
				t.allow.add(s, s.applies(q))
			case Deny:
				t.deny.add(s, s.applies(q))
			}
		}
	}
	return t
}
