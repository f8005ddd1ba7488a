package policy

import "slices"

// Evaluate decides a request. An explicit deny in any layer wins. Otherwise
// every layer has to allow, or the request is denied implicitly
// (reference_policies_evaluation-logic).
func (p Policies) Evaluate(r Request) Decision {
	q := newQuery(r)
	var e evaluation
	e.principal(p, q)
	for i, level := range p.SCPs {
		e.require(count(SCP, i, level, q)) // mutation: each level of the organization has to allow
	}
	for i, level := range p.RCPs {
		e.require(count(RCP, i, level, q))
	}
	e.require(count(Endpoint, 0, p.Endpoint, q))
	return e.decide()
}

// Applying returns the statements that apply to a request, and those that may,
// by action, resource, conditions, and principal if they name any. Their layer
// makes no difference.
func Applying(statements []*Statement, r Request) (sure, unsure []*Statement) {
	q := newQuery(r)
	var all matches
	for _, s := range statements {
		applies := s.applies(q)
		if applies.is != no && s.Principals != nil {
			user, account := s.principals.names(q)
			applies = applies.and(user.or(account))
		}
		all.add(s, applies)
	}
	return all.sure, all.unsure
}

// evaluation collects the results of the layers.
type evaluation struct {
	denies matches
	grants grant // of all layers so far
}

// principal evaluates the layers of the principal: identity policies and
// boundary, and for KMS the key's policy. A statement of the key that names the
// user is enough, whatever the boundary; one that names the account leaves the
// decision to its identity policies (KMS developer guide, key-policy-default).
func (e *evaluation) principal(p Policies, q *query) {
	identity, boundary := count(Identity, 0, p.Identity, q), count(Boundary, 0, p.Boundary, q)
	own := identity.grant()
	if !boundary.empty {
		own = own.and(boundary.grant())
	}
	key := count(Key, 0, p.Key, q)
	for _, t := range []*tally{identity, boundary, key} {
		e.denies.merge(t.deny)
	}
	if !key.empty {
		own = key.grant().or(newGrant(key.account, key.lack).and(own)) // mutation: a key has to let the user in
	}
	e.grants = own
}

// require adds a layer that has to allow too, unless it is empty.
func (e *evaluation) require(t *tally) {
	if t.empty {
		return
	}
	e.denies.merge(t.deny)
	e.grants = e.grants.and(t.grant())
}

// decide returns the decision.
func (e *evaluation) decide() Decision {
	allow, deny := e.grants.is, e.denies.verdict().is
	var d Decision
	if allow == no {
		d.Lacking = e.grants.lacking
	}
	switch {
	case deny == yes:
		d.Outcome, d.Statements, d.Possible = ExplicitDeny, e.denies.sure, []Outcome{ExplicitDeny}
	case deny == no && allow == no:
		d.Outcome, d.Possible = ImplicitDeny, []Outcome{ImplicitDeny}
	case deny == no && allow == yes:
		d.Outcome, d.Statements, d.Possible = Allowed, e.grants.sure, []Outcome{Allowed}
	default:
		e.weigh(&d)
	}
	return d
}

// weigh decides what depends on unknown facts, over all their combinations.
func (e *evaluation) weigh(d *Decision) {
	denies := e.denies.verdict()
	t := newTruthTable(e.grants.on, denies.on)
	allow, deny := t.of(e.grants.verdict), t.of(denies)
	// The answer is whether the request is allowed.
	answer := truth{allow.sure.and(deny.possible.not()), allow.possible.and(deny.sure.not())}
	for _, o := range []struct {
		outcome  Outcome
		possible rows
	}{
		{Allowed, answer.possible},
		{ImplicitDeny, allow.sure.or(deny.sure).not()},
		{ExplicitDeny, deny.possible},
	} {
		if !o.possible.and(t.possible).empty() {
			d.Possible = append(d.Possible, o.outcome)
		}
	}
	switch {
	case len(d.Possible) == 1 && d.Can(Allowed):
		d.Outcome, d.Statements = Allowed, slices.Concat(e.grants.sure, e.grants.unsure)
	case len(d.Possible) == 1 && d.Can(ExplicitDeny):
		d.Outcome, d.Statements = ExplicitDeny, t.covering(e.denies)
	case !d.Can(Allowed):
		d.Outcome = ImplicitDeny
		if len(d.Lacking) == 0 {
			d.Statements = append(slices.Clone(e.grants.unsure), t.meeting(e.denies, allow.possible)...)
		}
	default:
		d.Outcome = Depends
		d.DependsOn = t.names(answer, e.grants.on, denies.on)
		if e.grants.is == maybe {
			d.Statements = slices.Clone(e.grants.unsure)
		}
		d.Statements = append(d.Statements, e.denies.unsure...)
	}
}

// matches are the statements of one effect that apply, and those that may, with
// what these depend on.
type matches struct {
	sure, unsure []*Statement
	on           []*formula // of the unsure
}

func (f *matches) add(s *Statement, v verdict) {
	switch v.is {
	case yes:
		f.sure = append(f.sure, s)
	case maybe:
		f.unsure = append(f.unsure, s)
		f.on = append(f.on, v.on)
	}
}

func (f *matches) merge(g matches) {
	f.sure = append(f.sure, g.sure...)
	f.unsure = append(f.unsure, g.unsure...)
	f.on = append(f.on, g.on...)
}

// verdict says whether one of the statements applies.
func (f matches) verdict() verdict {
	if len(f.sure) > 0 {
		return verdict{is: yes}
	}
	one := verdict{is: no}
	for _, on := range f.on {
		one = one.or(verdict{is: maybe, on: on})
	}
	return one
}

// tally is the result of one layer, or of one level of it.
type tally struct {
	lack        Lack
	empty       bool
	allow, deny matches
	account     matches // Allows of a key's policy that let in the account
}

func count(layer Layer, level int, documents []*Document, q *query) *tally {
	t := &tally{lack: Lack{layer, level}, empty: len(documents) == 0}
	for _, d := range documents {
		if d == nil {
			continue
		}
		for _, s := range d.Statements {
			if s != nil {
				t.add(s, q)
			}
		}
	}
	return t
}

func (t *tally) add(s *Statement, q *query) {
	applies := s.applies(q)
	if applies.is == no {
		return
	}
	user, account := verdict{is: yes}, verdict{is: no}
	if t.lack.Layer.principals() {
		user, account = s.principals.names(q)
	}
	switch {
	case s.Effect == Deny:
		t.deny.add(s, applies.and(user.or(account)))
	case s.Effect == Allow && t.lack.Layer == Key:
		t.allow.add(s, applies.and(user))
		t.account.add(s, applies.and(account))
	case s.Effect == Allow:
		t.allow.add(s, applies.and(user.or(account)))
	}
}

func (t *tally) grant() grant { return newGrant(t.allow, t.lack) }

// grant says whether something is allowed: by the sure statements, perhaps by
// the unsure ones, or not, as some layers lack an Allow.
type grant struct {
	verdict
	sure, unsure []*Statement
	lacking      []Lack
}

func newGrant(allows matches, lack Lack) grant {
	g := grant{verdict: allows.verdict(), sure: allows.sure, unsure: allows.unsure}
	if g.is == no {
		g.lacking = []Lack{lack}
	}
	return g
}

// and combines two grants of which both are needed. If one is unsure, it
// decides, and the other's Allows are not cited.
func (g grant) and(h grant) grant {
	both := grant{verdict: g.verdict.and(h.verdict), lacking: slices.Concat(g.lacking, h.lacking)}
	for _, part := range []grant{g, h} {
		if both.is == yes {
			both.sure = append(both.sure, part.sure...)
		} else if part.is == maybe {
			both.unsure = append(both.unsure, part.unsure...)
		}
	}
	return both
}

// or combines two grants of which one is enough: the first if that is sure. If
// neither allows, it names the layers that the second one lacks.
func (g grant) or(h grant) grant {
	switch {
	case g.is == yes || h.is == no && g.is == maybe:
		return g
	case h.is != maybe || g.is == no:
		return h
	}
	return grant{verdict: g.verdict.or(h.verdict), unsure: slices.Concat(g.unsure, h.unsure)}
}
