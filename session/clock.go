package session

import (
	"context"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// healLimit is short: whoever holds the lock has something better to do.
const healLimit = 50 * time.Millisecond

// corrected returns a session whose clock offset is that of now. The offset is
// of the local clock, which somebody may have set right since: with the kept
// one, an expired session could look alive, and git be told a time that is
// past.
func (p *Provider) corrected(ctx context.Context, s cache.Session) cache.Session {
	if s.ClockOffset == 0 || p.ClockOffset == nil {
		return s
	}
	s.ClockOffset = p.ClockOffset(ctx, s.ClockOffset) // mutation: fault: a clock set right
	if s.ClockOffset.Abs() <= skewNotice {
		p.heal(ctx, s)
	}
	return s
}

// heal forgets the offset that is kept with a session, so that AWS need not be
// asked for the time again, and the time that is left is shown right. It is
// not worth waiting for, nor an error.
func (p *Provider) heal(ctx context.Context, s cache.Session) {
	ctx, cancel := context.WithTimeout(ctx, healLimit)
	defer cancel()
	dir, err := cache.LockDir()
	if err != nil {
		return
	}
	held, err := cache.Lock(ctx, dir, s.Identity)
	if err != nil {
		return
	}
	defer held.Unlock()
	kept, err := p.Store.Session(s.Identity)
	if err != nil || kept.AccessKeyID != s.AccessKeyID || kept.ClockOffset == 0 {
		return
	}
	kept.ClockOffset = 0
	if err := p.Store.PutSession(kept); err != nil {
		p.Trace("forgetting the clock offset: %v", err)
		return
	}
	p.Trace("the clock was set right: the kept offset is forgotten")
}

func (p *Provider) tellOffset(offset time.Duration) {
	p.Tell("warning: this computer's clock is %v %s AWS's; signing with AWS's time until it is set right",
		offset.Abs().Round(time.Second), map[bool]string{true: "behind", false: "ahead of"}[offset > 0])
}
