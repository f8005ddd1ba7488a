package probe

import (
	"cmp"
	"context"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/stored"
)

// storedCredentials asks the other helpers of the chain what they have stored.
func (p *Probe) storedCredentials(ctx context.Context, git string) []doctor.StoredCredential {
	asker := stored.NewAsker(ctx, git, p.Dir, p.Home, p.Environ)
	var all []doctor.StoredCredential
	before := true
	for _, h := range p.chain.Helpers {
		if h.Ours {
			before = false
			continue
		}
		c := asker.Ask(ctx, h, p.question())
		line := ""
		if c.Kind != "" {
			line = h.Value
		}
		all = append(all, doctor.StoredCredential{Helper: plainHelper(h), Line: line, Before: before, Reason: c.Reason,
			Kind: storedKinds[c.Kind], Signed: c.SignedAt, Key: c.Key, Account: c.Account, Temporary: c.Temporary})
	}
	return all
}

var storedKinds = map[stored.Kind]doctor.StoredKind{
	stored.Signed: doctor.SignedPassword, stored.GitCredential: doctor.GitCredential, stored.Other: doctor.OtherPassword,
}

// question returns the request that git would send.
func (p *Probe) question() stored.Request {
	e := p.evidence
	r := stored.Request{Host: e.Target.Host.Name}
	if p.chain.UseHTTPPath {
		r.Path = "v1/repos/" + cmp.Or(e.Target.Name, policies.PlaceholderName)
	}
	if p.chain.Username != nil {
		r.Username = p.chain.Username.Value
	}
	return r
}
