package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// lock waits for the lock of this identity, and says so when it takes long.
func (p *Provider) lock(ctx context.Context) (*cache.Held, error) {
	dir, err := cache.LockDir()
	if err != nil {
		return nil, fmt.Errorf("preparing the lock: %w", err)
	}
	// Whoever holds a role's lock may be waiting for that of its source.
	waiting, cancel := context.WithTimeout(ctx, waitLimit*time.Duration(1+len(p.Source.Roles)))
	defer cancel()
	notice := time.AfterFunc(waitNotice, func() {
		p.Tell("waiting for another git-credential-mfa to get the session")
	})
	defer notice.Stop()
	held, err := cache.Lock(waiting, dir, p.Identity()) // mutation: lock
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("waiting for the session: %w", ErrBusy)
	}
	return held, err
}

// refused looks for a refusal that still holds. Those who waited for that
// question get its answer as an error. For a while after a question that a
// person left unanswered, recent says so: no window pops up then.
func (p *Provider) refused(held *cache.Held) (recent string, err error) {
	at, reason, ok := held.Refusal()
	since := time.Since(at)
	if !ok || p.ByHand || since < 0 || since > refusalHolds {
		return "", nil
	}
	reason, wasUnanswered := strings.CutPrefix(reason, unanswered)
	if at.After(p.Started) { // mutation: refusal for those who waited
		kind := ErrRefused
		if len(p.Source.Roles) > 0 && !wasUnanswered {
			kind = ErrRole
		}
		return "", fmt.Errorf("%w: %s", kind, reason)
	}
	if !wasUnanswered { // mutation: refusal for windows
		return "", nil
	}
	return fmt.Sprintf("the question was not answered %.0f s ago", since.Seconds()), nil
}

func (p *Provider) note(held *cache.Held, reason string) {
	if p.ByHand {
		return // who typed the command knows, and others may have more luck
	}
	if err := held.NoteRefusal(reason); err != nil {
		p.Trace("noting the refusal: %v", err)
	}
}
