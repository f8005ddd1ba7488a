// Package session gets AWS credentials in which MFA is genuinely present: the
// session that the keyring holds, or a new one, for which it asks the person
// for one code and STS for a session token (sts:GetSessionToken with
// SerialNumber and TokenCode). However many processes start at once, one asks
// and the others use what it got.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

const (
	// exchangeLimit bounds a question and its further tries, since a window
	// that nobody sees must not hold every other git for ever.
	exchangeLimit = 2 * time.Minute // mutation: the limit of a question
	// waitLimit is what others wait for whoever asks: a little longer.
	waitLimit = exchangeLimit + 30*time.Second
	// waitNotice is when a waiting process says why it waits.
	waitNotice = 2 * time.Second
	// refusalHolds is how long a refused question is not put again to those
	// who waited for its answer, and in windows that pop up by themselves
	// (Git-Credential-Manager-for-Windows #829: "a thousand times").
	refusalHolds = 30 * time.Second
)

// unanswered marks, in a note, the refusals that were a person's. A failure of
// AWS's is news for those who waited, and no reason not to ask again.
const unanswered = "not answered: "

var (
	errExpired = errors.New("the session has expired")
	// ErrBusy says that another process kept the lock for too long.
	ErrBusy = errors.New("another git-credential-mfa is still asking for the MFA code")
	// ErrRefused says that the question which this process waited for was
	// not answered.
	ErrRefused = errors.New("the question for the MFA code that this process waited for failed")
	// ErrUnanswered is to be wrapped by TokenCode when a person was asked and
	// gave no code.
	ErrUnanswered = errors.New("the question for the MFA code was not answered")
	// ErrNotKept says that a session can't be stored.
	ErrNotKept = errors.New("the session can't be kept")
	// ErrNotAsked is to be wrapped by TokenCode when nobody could be asked.
	ErrNotAsked = errors.New("there is no way to ask for the MFA code")
)

// Question is what TokenCode asks.
type Question struct {
	// Profile and Device say whose code is meant.
	Profile, Device string
	// Again says why the last code did not do, or is "".
	Again string
	// TerminalOnly, when not "", forbids every way but a terminal, and says
	// why.
	TerminalOnly string
	// NoWindows, when not "", forbids what pops up by itself, and says why.
	NoWindows string
}

// Provider gets the session of one identity.
type Provider struct {
	Source Source
	// Region is the region of the STS endpoint: that of the CodeCommit host,
	// which the account has enabled and the network lets through. FIPS asks
	// for an endpoint with validated cryptography.
	Region string
	FIPS   bool
	// Serial is the configured SerialNumber of the MFA device: an ARN, or the
	// number on a hardware device. With "" it is found by iam:ListMFADevices.
	Serial string
	// SerialFrom says what set Serial, in the words of whoever set it:
	// "--mfa-serial", "mfa_serial of profile work".
	SerialFrom string
	// Duration is the length of a new session, 15 minutes to 36 hours.
	Duration time.Duration
	Store    *cache.Store
	// LongTermKey reads an access key from the keyring that keeps it. nil: from
	// Store.
	LongTermKey func(accessKeyID string) (cache.LongTermKey, error)
	// Config loads the SDK's configuration. It is called only when AWS is
	// asked, never for a session from the keyring.
	Config func(context.Context) (aws.Config, error)
	// TokenCode asks the person, or what stands for one, for a code of six
	// digits.
	TokenCode func(context.Context, Question) (string, error)
	// ChooseDevice asks which of several MFA devices to use.
	ChooseDevice func(ctx context.Context, serials []string) (string, error)
	// Tell says something to the person, Trace to whoever traces. Neither is
	// ever given a secret.
	Tell, Trace func(format string, args ...any)
	// Warn tells of an error that does not end the command, and of what fixes it.
	Warn func(error)
	// Started is when this process began: it waits for questions that were
	// put before, and does not repeat them.
	Started time.Time
	// OneTry is true when TokenCode has one code to give, and no other.
	OneTry bool
	// ByHand is true for a command that a person typed: it asks, whoever was
	// refused a code just now.
	ByHand bool
	// ClockOffset asks AWS for the time again and returns its clock minus the
	// local one; kept, when AWS does not say. It may be nil. It is called only
	// for a session with which an offset is kept.
	ClockOffset func(ctx context.Context, kept time.Duration) time.Duration
	// retryPause is what STS is given after its first failure, twice that after
	// the second; half a second when it is 0.
	retryPause time.Duration
	// Waiting is called before the first wait or question of a session that is
	// not in the keyring. It may be nil.
	Waiting func()
	// Starting is called before a new session is got. It may be nil.
	Starting func()
}

// Credentials returns the access keys of a session.
func Credentials(s cache.Session) aws.Credentials {
	return aws.Credentials{
		AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken,
		Source: "git-credential-mfa", CanExpire: !s.Expiration.IsZero(), Expires: s.Expiration.Add(-s.ClockOffset),
	}
}

// Identity names the session: what it belongs to, and no secret.
func (p *Provider) Identity() cache.Identity {
	return p.Source.Identity(p.Region, p.Serial)
}

// Want says which session is asked for.
type Want int

const (
	// Kept is the session that the keyring holds if it lasts for five minutes
	// more, else a new one.
	Kept Want = iota
	// Checked is one of which is known that it can be had now: a role is assumed
	// anew, unless that takes a code.
	Checked
	// New is a new session, whatever the keyring holds.
	New
)

// Session returns a session, and asks for a code if it takes one. Temporary
// keys are returned as they are, with no expiration if none is known.
func (p *Provider) Session(ctx context.Context, want Want) (cache.Session, error) {
	if p.Source.Temporary() {
		return p.asTheyAre(p.OwnKeys()), nil
	}
	roles := len(p.Source.Roles) > 0
	anew := want == New || want == Checked && roles && !p.codeAtRole()
	look := func() (cache.Session, error) { return p.look(ctx, anew) }
	if !anew {
		s, err := look()
		if err == nil {
			return s, nil
		}
		p.Trace("session: %v", err)
	}
	if roles {
		return p.assume(ctx, look, want)
	}
	return p.renew(ctx, look)
}

func (p *Provider) asTheyAre(keys aws.Credentials) cache.Session {
	s := cache.Session{Identity: p.Identity(), Profile: p.Source.Profile,
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken}
	if keys.CanExpire {
		s.Expiration = keys.Expires
	}
	return s
}

// look reads the keyring. There are five answers: the session, not found,
// expired, denied, and failed: a keyring that is locked is not an empty one.
// With anew, a session counts as expired: the code that it was bought with may
// still tell a used one.
func (p *Provider) look(ctx context.Context, anew bool) (cache.Session, error) {
	s, err := p.Store.Session(p.Identity())
	if err != nil {
		return s, err
	}
	if anew {
		return s, errExpired
	}
	s = p.corrected(ctx, s)
	if !s.Lasts() { // mutation: fault: the session has ended
		return s, errExpired
	}
	return s, nil
}
