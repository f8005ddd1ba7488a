// Package policies judges IAM policies by one question: does git reach
// CodeCommit with long-term keys, and with a session that has MFA? It evaluates
// the requests that AWS would, and says which statements decide, why, and what
// to change. It reads no files and makes no calls.
package policies

import (
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Case holds the policies of one user, and the repository that git asks for.
type Case struct {
	policyfile.Set
	// AssumeAllow adds an Allow of everything, so that a document with Denies
	// alone can be judged.
	AssumeAllow bool
	Repository  Repository
	// Now is when sessions begin.
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

// Judged reports whether there is something to judge. That is true of a user
// who is known to have no policies: nothing is allowed then.
func (c *Case) Judged() bool { return c.Complete || len(c.Documents) > 0 }

// place finds the document of a statement. Assumed statements have none.
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

// Origin names the policy of a statement, and the user or group to which it is
// attached, if its source does not. Of a layer other than the identity policies
// it names at least the layer.
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

// lackOf returns the layer of a document, and the level in it.
func lackOf(d *policyfile.Document) policy.Lack {
	return policy.Lack{Layer: d.Layer, Level: d.Level}
}

// inLayer returns those of the statements that belong to a layer, at one level.
func (c *Case) inLayer(layer policy.Lack, statements []*policy.Statement) []*policy.Statement {
	var found []*policy.Statement
	for _, s := range statements {
		if p, known := c.place(s); known && lackOf(p.document) == layer {
			found = append(found, s)
		}
	}
	return found
}

// statements returns the statements of one effect, or of both for "", that pick
// accepts.
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
