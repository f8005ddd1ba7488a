// Package policies judges IAM policies by one question: does git get to
// CodeCommit with long-term keys, and with a session that has MFA? It asks
// package policy the same requests that AWS would, says which statements decide,
// why, and what change mends it. It looks at nothing but what it is given.
package policies

import (
	"sync"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Case is what is judged: the policies of one user, for the repository that
// git asks for.
type Case struct {
	policyfile.Set
	// AssumeAllow adds an Allow of everything, so that a document that only
	// denies can be judged alone.
	AssumeAllow bool
	Repository  Repository
	// Now is the time at which sessions are taken to begin.
	Now time.Time

	decisions []Decision
	origins   map[*policy.Statement]string
}

// assumed is AdministratorAccess, as far as it matters here.
var assumed = sync.OnceValue(func() *policy.Document {
	const text = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	d, err := policy.Parse("assumed", []byte(text))
	if err != nil {
		panic(err) // the text is ours
	}
	return d
})

// Judged reports whether there is something to judge. A user whose policies are
// all known, and who has none, is: what nothing allows is denied.
func (c *Case) Judged() bool { return c.Complete || len(c.Documents) > 0 }

// policies sorts the documents into layers.
func (c *Case) policies() policy.Policies {
	var p policy.Policies
	var level []*policy.Document
	if c.AssumeAllow {
		p.Identity = append(p.Identity, assumed())
	}
	for _, d := range c.Documents {
		switch d.Layer {
		case policy.Boundary:
			p.Boundary = append(p.Boundary, d.Document)
		case policy.SCP:
			level = append(level, d.Document)
		default:
			p.Identity = append(p.Identity, d.Document)
		}
	}
	if c.assumesFullAccess() {
		level = append(level, assumed())
	}
	if len(level) > 0 {
		p.SCPs = [][]*policy.Document{level}
	}
	return p
}

// assumesFullAccess reports whether there are service control policies and none
// allows a thing. They then stand beside FullAWSAccess, as an account must have
// an SCP that allows, and has that one unless someone took it away
// (orgs_manage_policies_scps_evaluation).
func (c *Case) assumesFullAccess() bool {
	found := false
	for _, d := range c.Documents {
		if d.Layer != policy.SCP {
			continue
		}
		found = true
		for _, s := range d.Statements {
			if s.Effect == policy.Allow {
				return false
			}
		}
	}
	return found
}

// withoutStatements are the policies less some statements.
func (c *Case) withoutStatements(some []*policy.Statement) policy.Policies {
	var gone statementSet
	gone.add(some...)
	strip := func(documents []*policy.Document) []*policy.Document {
		var left []*policy.Document
		for _, d := range documents {
			part := &policy.Document{Source: d.Source}
			for _, s := range d.Statements {
				if !gone.has[s] {
					part.Statements = append(part.Statements, s)
				}
			}
			left = append(left, part)
		}
		return left
	}
	p := c.policies()
	less := policy.Policies{Identity: strip(p.Identity), Boundary: strip(p.Boundary)}
	for _, level := range p.SCPs {
		less.SCPs = append(less.SCPs, strip(level))
	}
	return less
}

// inLayer returns the statements that are a layer's.
func (c *Case) inLayer(layer policy.Layer, statements []*policy.Statement) []*policy.Statement {
	var set statementSet
	for _, d := range c.Documents {
		if d.Layer == layer {
			set.add(d.Statements...)
		}
	}
	return set.of(statements)
}

// statements returns those of one effect, or with "" of both, that a test picks.
func (c *Case) statements(effect string, pick func(*policy.Statement) bool) []*policy.Statement {
	var all []*policy.Statement
	for _, d := range c.Documents {
		for _, s := range d.Statements {
			if (effect == "" || s.Effect == effect) && pick(s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// origin says which policy a statement is of, where its source does not.
func (c *Case) origin(s *policy.Statement) string {
	if c.origins == nil {
		c.origins = make(map[*policy.Statement]string)
		for _, d := range c.Documents {
			for _, s := range d.Statements {
				c.origins[s] = d.Origin
			}
		}
	}
	return c.origins[s]
}
