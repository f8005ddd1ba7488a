package doctor

import (
	"sync"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Case is what is known of the one who has the trouble. The checks read it.
type Case struct {
	policyfile.Set
	// Unread says why the policies could not be read: then none is judged, as
	// a part of them would be a guess.
	Unread error
	// AssumeAllow adds an Allow of everything, so that a document that only
	// denies can be judged alone.
	AssumeAllow bool
	Repository  Repository
	// Met says that git reaches this helper and that its session passes: to be
	// denied without MFA is then how it should be.
	Met bool
	// Live is what a live run found out, or nil.
	Live *Evidence
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

// judged reports whether there is something to judge. A user whose policies are
// all known, and who has none, is: what nothing allows is denied.
func (c *Case) judged() bool { return c.Unread == nil && (c.Complete || len(c.Documents) > 0) }

// policies sorts the documents into layers.
func (c *Case) policies() policy.Policies {
	var p policy.Policies
	if c.AssumeAllow {
		p.Identity = append(p.Identity, assumed())
	}
	for _, d := range c.Documents {
		switch d.Layer {
		case policy.Boundary:
			p.Boundary = append(p.Boundary, d.Document)
		case policy.SCP:
			p.SCPs = append(p.SCPs, d.Document)
		default:
			p.Identity = append(p.Identity, d.Document)
		}
	}
	if c.assumesFullAccess() {
		p.SCPs = append(p.SCPs, assumed())
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
	return policy.Policies{Identity: strip(p.Identity), Boundary: strip(p.Boundary), SCPs: strip(p.SCPs)}
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

// Take adds what a live run found out, with the user's policies if they could
// be had.
func (c *Case) Take(e *Evidence) {
	c.Live = e
	if e.Policy.Collected {
		c.Set, c.AssumeAllow = e.Policy.Set, false
	}
	t := e.Target
	c.Repository.Region = or(c.Repository.Region, t.Host.Region)
	c.Repository.Name = or(c.Repository.Name, t.Name)
	c.Repository.Account = or(c.Repository.Account, or(e.Session.Caller.Account, e.AWS.Caller.Account))
	c.Met = e.Session.withMFA() && e.Git.main().Chain.Reached()
}
