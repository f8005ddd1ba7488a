package policies

import (
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Decision answers one of the questions that decide whether git works.
type Decision struct {
	Credentials Credentials
	Via         Via
	Action      string
	Resource    string
	policy.Decision
}

// denied reports a sure explicit deny.
func (d Decision) denied() bool { return d.Outcome == policy.ExplicitDeny }

// refused reports that it is not allowed, whatever the unknown turns out to be.
func (d Decision) refused() bool { return !d.Can(policy.Allowed) }

// Decisions asks the four-fold question: git's and KMS's actions, with and
// without MFA, directly and through CodeCommit. The order is fixed.
func (c *Case) Decisions() []Decision {
	if c.decisions != nil {
		return c.decisions
	}
	p := c.policies()
	all := c.statements("", func(*policy.Statement) bool { return true })
	alike := make(map[string]Decision)
	for _, action := range slices.Concat(gitActions, kmsActions) {
		group := coverages(all, action)
		for _, via := range []Via{Direct, Forwarded} {
			if via == Forwarded && !isKMS(action) {
				continue
			}
			for _, who := range allCredentials {
				// Requests to KMS differ in the action only: where the same
				// statements are about two of them, one answer does.
				key := string(via) + string(who) + group
				d, found := alike[key]
				if !found || !isKMS(action) || !isKMS(d.Action) {
					d = c.decide(p, c.request(action, who, via), who, via)
					alike[key] = d
				}
				d.Action = action
				c.decisions = append(c.decisions, d)
			}
		}
	}
	return c.decisions
}

// coverages tells actions apart by which statements are about them.
func coverages(statements []*policy.Statement, action string) string {
	bits := make([]byte, len(statements))
	for i, s := range statements {
		if s.Covers(action) {
			bits[i] = 1
		}
	}
	return string(bits)
}

// at returns one of the decisions.
func (c *Case) at(action string, who Credentials, via Via) Decision {
	for _, d := range c.Decisions() {
		if d.Action == action && d.Credentials == who && d.Via == via {
			return d
		}
	}
	return Decision{}
}

func (c *Case) decide(p policy.Policies, r policy.Request, who Credentials, via Via) Decision {
	if via == Forwarded {
		p = withoutAllow(p)
	}
	d := Decision{Credentials: who, Via: via, Action: r.Action, Resource: c.resource(r.Action), Decision: p.Evaluate(r)}
	if r.Action == gitPush {
		d.Decision = worse(p.Evaluate(beforeReferences(r)), d.Decision)
	}
	d.Statements = slices.DeleteFunc(slices.Clone(d.Statements), func(s *policy.Statement) bool { return s == assumed().Statements[0] })
	return d
}

// beforeReferences is the first of the two questions of a push: CodeCommit
// authorizes it once before it knows the branches. That is why AWS's branch
// policy has "Null": {"codecommit:References": "false"}, and one without denies
// every push (CodeCommit user guide, "how-to-conditional-branch").
func beforeReferences(r policy.Request) policy.Request {
	first := r
	first.Context = make(policy.Context, len(r.Context)+1)
	for key, values := range r.Context {
		first.Context[key] = values
	}
	first.Context[keyBranch] = nil
	return first
}

// worse is the decision on two requests that both have to be allowed.
func worse(a, b policy.Decision) policy.Decision {
	order := []policy.Outcome{policy.Allowed, policy.Depends, policy.ImplicitDeny, policy.ExplicitDeny}
	if slices.Index(order, a.Outcome) > slices.Index(order, b.Outcome) {
		return a
	}
	return b
}

// withoutAllow is for KMS called by CodeCommit: the user needs no Allow, but
// must not be denied (CodeCommit user guide, "encryption").
func withoutAllow(p policy.Policies) policy.Policies {
	p.Identity = slices.Concat(p.Identity, []*policy.Document{assumed()})
	p.Boundary = slices.Concat(p.Boundary, []*policy.Document{assumed()})
	p.SCPs = slices.Clone(p.SCPs)
	for i, level := range p.SCPs {
		p.SCPs[i] = slices.Concat(level, []*policy.Document{assumed()})
	}
	return p
}

// applying finds the statements, all of one effect, that apply to a request for
// sure, and those that may.
func applying(statements []*policy.Statement, r policy.Request) (sure, unsure []*policy.Statement) {
	if len(statements) == 0 {
		return nil, nil
	}
	evaluate := func(some []*policy.Statement) policy.Decision {
		return policy.Policies{Identity: []*policy.Document{{Statements: some}}}.Evaluate(r)
	}
	d := evaluate(statements)
	if d.Outcome == policy.Depends {
		return nil, d.Statements
	}
	if sure = d.Statements; len(sure) == 0 || len(sure) == len(statements) {
		return sure, nil
	}
	// The decision names the sure ones only.
	is := make(map[*policy.Statement]bool, len(sure))
	for _, s := range sure {
		is[s] = true
	}
	rest := slices.DeleteFunc(slices.Clone(statements), func(s *policy.Statement) bool { return is[s] })
	return sure, evaluate(rest).Statements
}
