package policies

import (
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Decision is the answer to one request of git, or of CodeCommit for it.
type Decision struct {
	Credentials Credentials
	Via         Via
	Action      string
	Resource    string
	policy.Decision
}

// denied reports an explicit deny that hangs on nothing unknown.
func (d Decision) denied() bool { return d.Outcome == policy.ExplicitDeny }

// refused reports that the request is not allowed, whatever the unknown keys
// are.
func (d Decision) refused() bool { return !d.Can(policy.Allowed) }

// Decisions evaluates git's and KMS's actions, with and without MFA, called
// directly and by CodeCommit. The order is fixed.
func (c *Case) Decisions() []Decision {
	if c.decisions != nil {
		return c.decisions
	}
	all := c.statements("", func(*policy.Statement) bool { return true })
	alike := make(map[string]Decision)
	for _, action := range slices.Concat(gitActions, kmsActions) {
		group := coverages(all, action)
		for _, via := range []Via{Direct, Forwarded} {
			if via == Forwarded && !isKMS(action) {
				continue
			}
			for _, who := range allCredentials {
				// Requests to KMS differ in their action only, so that actions
				// covered by the same statements get the same answer.
				key := string(via) + string(who) + group
				d, found := alike[key]
				if !found || !isKMS(action) || !isKMS(d.Action) {
					d = c.decide(c.stack(stackOf(action, via)), c.request(action, who, via), who, via)
					alike[key] = d
				}
				d.Action = action
				c.decisions = append(c.decisions, d)
			}
		}
	}
	return c.decisions
}

// coverages returns which of the statements cover an action, as a map key.
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
	d := Decision{Credentials: who, Via: via, Action: r.Action, Resource: c.resource(r.Action), Decision: p.Evaluate(r)}
	if r.Action == gitPush {
		d.Decision = worse(p.Evaluate(beforeReferences(r)), d.Decision)
	}
	d.Statements = slices.DeleteFunc(slices.Clone(d.Statements), isAssumed)
	return d
}

// beforeReferences returns the first of a push's two requests: CodeCommit
// authorizes a push once before it knows the branches. That is why AWS's policy
// for branches has "Null": {"codecommit:References": "false"}. Without it every
// push is denied (CodeCommit user guide, "how-to-conditional-branch").
func beforeReferences(r policy.Request) policy.Request {
	first := r
	first.Context = make(policy.Context, len(r.Context)+1)
	for key, values := range r.Context {
		first.Context[key] = values
	}
	first.Context[keyBranch] = nil
	return first
}

// worse returns the decision for two requests that both have to be allowed.
func worse(a, b policy.Decision) policy.Decision {
	order := []policy.Outcome{policy.Allowed, policy.Depends, policy.ImplicitDeny, policy.ExplicitDeny}
	if slices.Index(order, a.Outcome) > slices.Index(order, b.Outcome) {
		return a
	}
	return b
}
