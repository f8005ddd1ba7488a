package doctor

import (
	"cmp"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// Case is what is known of the one who has the trouble. The checks read it.
type Case struct {
	policies.Case
	// Unread says why the policies could not be read: then none is judged, as
	// a part of them would be a guess.
	Unread error
	// Met says that git reaches this helper and that its session passes: to be
	// denied without MFA is then how it should be.
	Met bool
	// Live is what a live run found out, or nil.
	Live *Evidence
}

// judged reports whether there is something to judge.
func (c *Case) judged() bool { return c.Unread == nil && c.Judged() }

// Take adds what a live run found out, with the user's policies if they could
// be had.
func (c *Case) Take(e *Evidence) {
	c.Live = e
	if e.Policy.Collected {
		c.Set, c.AssumeAllow = e.Policy.Set, false
	}
	t := e.Target
	c.Repository.Region = cmp.Or(c.Repository.Region, t.Host.Region)
	c.Repository.Name = cmp.Or(c.Repository.Name, t.Name)
	c.Repository.Account = cmp.Or(c.Repository.Account, cmp.Or(e.Session.Caller.Account, e.AWS.Caller.Account))
	c.Met = e.Session.withMFA() && e.Git.main().Chain.Reached()
}
