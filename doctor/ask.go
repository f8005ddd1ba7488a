package doctor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// Access is what the helper itself would use for the target.
type Access struct {
	// Provider is nil if the profile could not be read; Err says why.
	Provider *session.Provider
	Store    *cache.Store
	Prompter *prompt.Prompter
	Err      error
	// KeyringErr says why there is no Store.
	KeyringErr error
	// Profile is the one in force.
	Profile string
	// Login lets a session be started, which asks for the code.
	Login bool
}

// KeyringEvidence is the round trip of an item.
type KeyringEvidence struct {
	Backend string
	Err     error
}

// SessionEvidence is the session of the profile, if there is one.
type SessionEvidence struct {
	Held    bool
	Session cache.Session
	// Temporary is true for a source that needs no session.
	Temporary bool
	// Err says why there is none: cache.ErrNotFound, or a failure.
	Err error
	// Caller is what AWS says of it; CallerErr why it says nothing.
	Caller    Caller
	CallerErr error
}

// usable reports whether there is something to sign with.
func (s SessionEvidence) usable() bool { return s.Held && !s.expired() }

func (s SessionEvidence) expired() bool {
	return !s.Session.Expiration.IsZero() && session.Left(s.Session) <= 0
}

// withMFA reports whether it is a session that STS gave for a code.
func (s SessionEvidence) withMFA() bool { return s.usable() && s.Session.Serial != "" }

// PromptEvidence is how the code would be asked for.
type PromptEvidence struct {
	Way     string
	Reasons []string
	Err     error
}

// Ask finds out what the helper has to do with: its keyring, session and way
// to ask, and, unless offline, AWS.
func (l Live) Ask(ctx context.Context, e *Evidence, a Access) {
	e.AWS.Profile, e.AWS.SourceErr = a.Profile, a.Err
	e.AWS.Places, e.AWS.Shadows = l.places(a.Profile)
	if a.Store != nil {
		e.Keyring.Backend = a.Store.Backend()
		e.Keyring.Err = a.Store.Check()
	} else {
		e.Keyring.Err = a.KeyringErr
	}
	if a.Prompter != nil {
		e.Prompt.Way, e.Prompt.Reasons, e.Prompt.Err = a.Prompter.Describe()
	}
	if a.Provider == nil {
		if !l.Offline {
			l.askNetwork(ctx, e)
		}
		return
	}
	e.AWS.keys = a.Provider.Source.Keys
	e.AWS.Serial = a.Provider.Serial
	e.AWS.Roles = len(a.Provider.Source.Roles)
	l.readSession(ctx, e, a)
	if !l.Offline {
		l.askAWS(ctx, e, a)
	}
}

// readSession takes the session that is kept; only Login starts one.
func (l Live) readSession(ctx context.Context, e *Evidence, a Access) {
	s := &e.Session
	switch {
	case a.Provider.Source.Temporary():
		s.Temporary = true
		s.Session, s.Err = a.Provider.Session(ctx)
	case a.Login && !l.Offline:
		s.Session, s.Err = a.Provider.Session(ctx)
	default:
		s.Session, s.Err = a.Provider.Store.Session(a.Provider.Identity())
	}
	s.Held = s.Err == nil
}

// askAWS asks what does not hang on each other side by side: who is waiting
// is a person.
func (l Live) askAWS(ctx context.Context, e *Evidence, a Access) {
	limited, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() { l.askNetwork(limited, e) })
	client, err := newClients(limited, a.Provider)
	e.AWS.ConfigErr = err
	if err == nil {
		e.askIdentity(limited, client, a.Provider)
	}
	both.Wait()
	e.Clock.fall(e.AWS)
	l.askSigned(ctx, e)
	if err == nil && e.AWS.Caller.partition() == codecommit.Partition(e.Target.Host.Region) {
		asking, cancel := context.WithTimeout(ctx, 2*long)
		defer cancel()
		e.askDevices(asking, client)
		e.askPolicies(asking, client)
		e.askSimulator(asking, client, l.Wanted)
	}
}

// askIdentity asks who the keys and the session belong to.
func (e *Evidence) askIdentity(ctx context.Context, client clients, provider *session.Provider) {
	if !e.AWS.keys.HasKeys() {
		e.AWS.keys, e.AWS.KeysErr = provider.SourceKeys(ctx, client.config)
		if e.AWS.keys.SessionToken != "" {
			e.Session.Temporary = true
			e.Session.Held = true
			e.Session.Session = cache.Session{AccessKeyID: e.AWS.keys.AccessKeyID,
				SecretAccessKey: e.AWS.keys.SecretAccessKey, SessionToken: e.AWS.keys.SessionToken}
		}
	}
	if e.AWS.keys.HasKeys() {
		e.AWS.Caller, e.AWS.Offset, e.AWS.CallerErr = client.caller(ctx, e.AWS.keys)
		if _, kind := session.Explain(orNone(e.AWS.CallerErr)); kind == session.ErrKey {
			if who, ok := client.anywhere(ctx, e.AWS.keys, provider.Region); ok {
				e.AWS.Caller, e.AWS.CallerErr = who, nil
			}
		}
	}
	if e.Session.usable() && e.Session.Session.SessionToken != e.AWS.keys.SessionToken {
		e.Session.Caller, _, e.Session.CallerErr = client.caller(ctx, session.Credentials(e.Session.Session))
	}
}

// awsNow is AWS's time, as far as it is known.
func (e *Evidence) awsNow() time.Time {
	if e.Clock.Known {
		return e.Now.Add(e.Clock.Offset)
	}
	return e.Now.Add(e.Session.Session.ClockOffset)
}

// longTerm reports whether the source is a key that lasts.
func (a AWSEvidence) longTerm() bool { return a.keys.HasKeys() && a.keys.SessionToken == "" }

// sessionKeys are those that git's password is signed with.
func (e *Evidence) sessionKeys() aws.Credentials {
	s := e.Session.Session
	return aws.Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken}
}

// failure words an error of AWS's, or of the way there, without secrets.
func failure(err error) string {
	text, kind := session.Explain(err)
	if kind != nil && !errors.Is(err, kind) {
		return fmt.Sprintf("%v: %s", kind, text)
	}
	return text
}
