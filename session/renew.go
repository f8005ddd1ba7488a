package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// failed tells a keyring that fails from one with which it goes on as usual:
// it has no session, or none that is of use. To the latter belongs what
// another build of this program has kept: this one will never read it, no
// unlocking helps, and a new session can take its place.
func failed(lookErr error) bool {
	return lookErr != nil && !errors.Is(lookErr, cache.ErrNotFound) && // mutation: a keyring that fails is not an empty one
		!errors.Is(lookErr, errExpired) && !errors.Is(lookErr, cache.ErrDenied)
}

// renew takes the lock, looks again, since whoever held the lock has most
// likely brought the session, and only then asks.
func (p *Provider) renew(ctx context.Context, look func() (cache.Session, error)) (cache.Session, error) {
	if p.Waiting != nil {
		p.Waiting()
	}
	held, err := p.lock(ctx)
	if err != nil {
		return cache.Session{}, err
	}
	defer held.Unlock()
	// Before the look, which takes its time with a keyring that hangs, for
	// each of those who wait.
	recent, err := p.refused(held)
	if err != nil {
		return cache.Session{}, err
	}
	old, lookErr := look() // mutation: second look after the lock
	if lookErr == nil {
		return old, nil
	}
	if errors.Is(lookErr, cache.ErrDenied) {
		p.Tell("a new session takes the place of one: %v", lookErr)
	}
	x := exchange{Provider: p, recent: recent, keyringFailed: failed(lookErr), spent: old.SpentCode}
	if x.keyringFailed && p.ByHand {
		return cache.Session{}, lookErr // login is run to keep a session, so it fails when it can't
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeLimit)
	defer cancel()
	s, err := x.run(ctx)
	if err != nil {
		return cache.Session{}, p.noteFailure(held, err, lookErr)
	}
	if s.SessionToken == "" || s.Serial == "" { // the source's own temporary keys
		return s, nil
	}
	if x.keyringFailed {
		return s, p.usedOnce(held, lookErr)
	}
	return x.keepNamed(ctx, held, s)
}

// usedOnce says, and notes for those who wait, that a session that took a code
// is not kept.
func (p *Provider) usedOnce(held *cache.Held, lookErr error) error {
	p.Warn(fmt.Errorf("the session is used this once and not kept: %w", lookErr))
	p.note(held, "the keyring failed, and one process has asked already")
	return nil
}

// noteFailure notes a failure for those who wait, and returns it with what the
// keyring had to say.
func (p *Provider) noteFailure(held *cache.Held, err, lookErr error) error {
	switch {
	case errors.Is(err, ErrNotAsked) && failed(lookErr):
		p.note(held, lookErr.Error())
		return fmt.Errorf("%w; %w", lookErr, err)
	case errors.Is(err, ErrNotAsked): // another may have a terminal
	case errors.Is(err, ErrUnanswered):
		p.note(held, unanswered+err.Error())
	default:
		p.note(held, err.Error())
	}
	return err
}

// keepNamed stores the session, first of all: the code is spent. Then it finds
// out whose it is, if that is not known yet, and stores that too.
func (x *exchange) keepNamed(ctx context.Context, held *cache.Held, s cache.Session) (cache.Session, error) {
	err := x.keep(held, s)
	if s.ARN == "" {
		if x.name(ctx, &s); s.ARN != "" && err == nil {
			err = x.keep(held, s)
		}
	}
	return s, x.unkept(err)
}

func (p *Provider) keep(held *cache.Held, s cache.Session) error {
	held.ClearRefusal()
	return p.Store.PutSession(s)
}

// unkept decides what a session is worth that can't be stored: it still serves
// git this once; to a person who typed login it is an error.
func (x *exchange) unkept(err error) error {
	switch {
	case err == nil:
	case x.ByHand: // mutation: fault: a full disk at a login
		return notKept{err}
	case !x.warned:
		x.Warn(fmt.Errorf("the session is used this once and not kept: %w", notKept{err}))
		x.warned = true
	}
	return nil
}

// notKept is the error of a keyring that a session can't be written to.
type notKept struct{ error }

func (e notKept) Unwrap() []error { return []error{e.error, ErrNotKept} }

// lock waits for the lock of this identity, and says so when it takes long.
func (p *Provider) lock(ctx context.Context) (*cache.Held, error) {
	notice := time.AfterFunc(waitNotice, func() {
		p.Tell("waiting for another git-credential-mfa to get the session")
	})
	defer notice.Stop()
	// Whoever holds a role's lock may be waiting for that of its source.
	limit, busy := waitLimit*time.Duration(1+len(p.Source.Roles)), fmt.Errorf("waiting for the session: %w", ErrBusy)
	return cache.LockWithin(ctx, p.Identity(), limit, busy) // mutation: lock
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
