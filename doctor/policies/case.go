// Package policies judges IAM policies by one question: does git get to
// CodeCommit with long-term keys, and with a session that has MFA? It asks
// package policy the same requests that AWS would, says which statements decide,
// why, and what change mends it. It looks at nothing but what it is given.
package policies

import (
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
	stacks    map[stackKind]policy.Policies
	places    map[*policy.Statement]place
}

// place is where a statement stands.
type place struct {
	document *policyfile.Document
	index    int // in Case.Documents
}

// Judged reports whether there is something to judge. A user whose policies are
// all known, and who has none, is: what nothing allows is denied.
func (c *Case) Judged() bool { return c.Complete || len(c.Documents) > 0 }

// place finds the document of a statement. One that was assumed has none.
func (c *Case) place(s *policy.Statement) (place, bool) {
	if c.places == nil {
		c.places = make(map[*policy.Statement]place)
		for i, d := range c.Documents {
			for _, s := range d.Statements {
				c.places[s] = place{d, i}
			}
		}
	}
	p, found := c.places[s]
	return p, found
}

// Origin says which policy a statement is of, and whom it is attached to, where
// its source does not: at least the layer, if it is not the user's own.
func (c *Case) Origin(s *policy.Statement) string {
	p, found := c.place(s)
	switch {
	case !found:
		return ""
	case p.document.Origin == "" && p.document.Layer != policy.Identity:
		return c.layerName(lackOf(p.document))
	}
	return p.document.Origin
}

// lackOf is the layer, and the level of it, that a document is of.
func lackOf(d *policyfile.Document) policy.Lack {
	return policy.Lack{Layer: d.Layer, Level: d.Level}
}

// inLayer returns the statements that are a layer's, or a level's.
func (c *Case) inLayer(layer policy.Lack, statements []*policy.Statement) []*policy.Statement {
	var found []*policy.Statement
	for _, s := range statements {
		if p, known := c.place(s); known && lackOf(p.document) == layer {
			found = append(found, s)
		}
	}
	return found
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
