package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// failed reports whether an error of look's is that of a keyring that fails,
// rather than one without a session of use. An item of another build of this
// program (cache.ErrDenied) is no failure: nothing makes it readable, and a new
// session can replace it.
func failed(lookErr error) bool {
	return lookErr != nil && !errors.Is(lookErr, cache.ErrNotFound) && // mutation: a keyring that fails is not an empty one
		!errors.Is(lookErr, errExpired) && !errors.Is(lookErr, cache.ErrDenied)
}

// renew takes the lock and looks again, since another process may have stored a
// session meanwhile. If there is none, it gets one.
func (p *Provider) renew(ctx context.Context, look func() (cache.Session, error)) (cache.Session, error) {
	if p.Waiting != nil {
		p.Waiting()
	}
	held, err := p.lock(ctx)
	if err != nil {
		return cache.Session{}, err
	}
	defer held.Unlock()
	// First, since with a keyring that hangs each waiting process would spend the
	// keyring's time limit in the look.
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
		return cache.Session{}, lookErr // login must store the session, and can't
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

// usedOnce warns that a session that took a code is not kept, and notes it for
// the processes that wait.
func (p *Provider) usedOnce(held *cache.Held, lookErr error) error {
	p.Warn(fmt.Errorf("the session is used this once and not kept: %w", lookErr))
	p.note(held, "the keyring failed, and one process has asked already")
	return nil
}

// noteFailure notes a failure for the processes that wait, and returns it, with
// the keyring's error if nobody could be asked.
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

// keepNamed stores the session at once, since the code is spent. Then it finds
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

// unkept returns the error of a session that can't be stored to a person who
// typed login. Otherwise it warns, once, and git uses the session this time.
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

// lock takes the lock of this identity, and says so if it has to wait long.
func (p *Provider) lock(ctx context.Context) (*cache.Held, error) {
	notice := time.AfterFunc(waitNotice, func() {
		p.Tell("waiting for another git-credential-mfa to get the session")
	})
	defer notice.Stop()
	// The holder of a role's lock may be waiting for that of the role's source.
	limit, busy := waitLimit*time.Duration(1+len(p.Source.Roles)), fmt.Errorf("waiting for the session: %w", ErrBusy)
	return cache.LockWithin(ctx, p.Identity(), limit, busy) // mutation: lock
}

// refused looks for the note of a recent refusal. A process that waited for that
// question gets it as an error. For another one, recent is why no window may pop
// up, or "".
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
		return // the person knows, and other processes may ask
	}
	if err := held.NoteRefusal(reason); err != nil {
		p.Trace("noting the refusal: %v", err)
	}
}
