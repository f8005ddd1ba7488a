// Package session gets AWS credentials in which MFA is genuinely present: the
// session in the keyring, or a new one. For a new one it asks the person for a
// code, and calls sts:GetSessionToken with SerialNumber and TokenCode. If many
// processes start at once, one of them asks and all use the session.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

const (
	// exchangeLimit limits a question and its further tries: a window that nobody
	// sees must not block every other git.
	exchangeLimit = 2 * time.Minute // mutation: the limit of a question
	// waitLimit is how long other processes wait for the one that asks.
	waitLimit = exchangeLimit + 30*time.Second
	// waitNotice is when a waiting process says what it waits for.
	waitNotice = 2 * time.Second
	// refusalHolds is how long, after a question was refused, the processes that
	// waited for it do not ask again, and no window pops up
	// (Git-Credential-Manager-for-Windows #829: "a thousand times").
	refusalHolds = 30 * time.Second
)

// unanswered marks, in a note, that a person refused. After a failure of AWS's,
// in contrast, a later process asks again.
const unanswered = "not answered: "

var (
	errExpired = errors.New("the session has expired")
	// ErrBusy is for a lock that another process held for too long.
	ErrBusy = errors.New("another git-credential-mfa is still asking for the MFA code")
	// ErrRefused is for a question of another process, which this one waited for,
	// that was not answered.
	ErrRefused = errors.New("the question for the MFA code that this process waited for failed")
	// ErrUnanswered is in TokenCode's error if a person was asked and gave no code.
	ErrUnanswered = errors.New("the question for the MFA code was not answered")
	// ErrNotKept is for a session that can't be stored.
	ErrNotKept = errors.New("the session can't be kept")
	// ErrNotAsked is in TokenCode's error if nobody could be asked.
	ErrNotAsked = errors.New("there is no way to ask for the MFA code")
)

// Question is a question for an MFA code.
type Question struct {
	// Profile and Device are the profile and the MFA device of the code.
	Profile, Device string
	// Again is why the last code was refused, or "".
	Again string
	// TerminalOnly is why only a terminal may be asked, or "".
	TerminalOnly string
	// NoWindows is why no window may be opened, or "".
	NoWindows string
}

// Provider gets the session of one identity.
type Provider struct {
	Source Source
	// Region is the region of the STS endpoint: that of the CodeCommit host, which
	// the account has enabled. FIPS selects an endpoint with validated
	// cryptography.
	Region string
	FIPS   bool
	// Serial is the configured SerialNumber of the MFA device: an ARN, or the
	// number on a hardware device. If it is "", iam:ListMFADevices finds it.
	Serial string
	// SerialFrom is the setting that Serial comes from: "--mfa-serial", "mfa_serial
	// of profile work".
	SerialFrom string
	// Duration is the length of a new session, 15 minutes to 36 hours.
	Duration time.Duration
	Store    *cache.Store
	// LongTermKey reads an access key from the keyring that holds it. nil means
	// Store.
	LongTermKey func(accessKeyID string) (cache.LongTermKey, error)
	// Config loads the SDK's configuration. It is called only before a call to
	// AWS, not for a session in the keyring.
	Config func(context.Context) (aws.Config, error)
	// TokenCode asks a person, or a program, for a code of six digits.
	TokenCode func(context.Context, Question) (string, error)
	// ChooseDevice asks which of several MFA devices to use.
	ChooseDevice func(ctx context.Context, serials []string) (string, error)
	// Tell shows a message to the person, Trace writes to the trace. Neither gets a
	// secret.
	Tell, Trace func(format string, args ...any)
	// Warn shows an error that does not end the command, with its hints.
	Warn func(error)
	// Started is when this process began. It does not repeat a question that was
	// refused after that, while it waited.
	Started time.Time
	// OneTry is true if TokenCode has only one code.
	OneTry bool
	// ByHand is true for a command that a person typed. It asks even after a
	// refusal.
	ByHand bool
	// ClockOffset asks AWS for the time and returns AWS's clock minus the local
	// one, or kept if AWS does not answer. It is called only for a session that
	// has an offset, and may be nil.
	ClockOffset func(ctx context.Context, kept time.Duration) time.Duration
	// retryPause is the pause after STS's first failure, twice that after the
	// second; 0 means half a second.
	retryPause time.Duration
	// Waiting is called before the first wait or question of a session that is
	// not in the keyring. It may be nil.
	Waiting func()
	// Starting is called before a new session is requested. It may be nil.
	Starting func()
}

// Credentials returns the access keys of a session.
func Credentials(s cache.Session) aws.Credentials {
	return aws.Credentials{
		AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken,
		Source: "git-credential-mfa", CanExpire: !s.Expiration.IsZero(), Expires: s.Expiration.Add(-s.ClockOffset),
	}
}

// Identity returns the identity of the session, which holds no secret.
func (p *Provider) Identity() cache.Identity {
	return p.Source.Identity(p.Region, p.Serial)
}

// Want is which session is wanted.
type Want int

const (
	// Kept is the session in the keyring if it lasts at least five more minutes,
	// else a new one.
	Kept Want = iota
	// Checked is like Kept, but a role is assumed again, unless that takes a code:
	// it proves that the role can be assumed now.
	Checked
	// New is a new session in any case.
	New
)

// Session returns a session, and asks for a code if that takes one. Temporary
// keys are returned as they are, without an expiration if it is not known.
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

// look reads the session from the keyring. The error is cache.ErrNotFound,
// errExpired, cache.ErrDenied, or that of a keyring that fails, which is not an
// empty one. With anew, every session counts as expired; it is returned for its
// SpentCode.
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
