package session

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

const (
	// maxTries is how many codes are asked for in one exchange. AWS never locks a
	// device, but after three wrong codes a person needs a hint.
	maxTries = 3
	// skewNotice is the clock offset above which the person is warned and the
	// offset is kept. STS tolerates five minutes.
	skewNotice = time.Minute
)

// exchange gets one session for one code.
type exchange struct {
	*Provider
	client        *sts.Client
	recent        string // the NoWindows of the question
	keyringFailed bool
	// warned is true once the person was told that the session is not kept.
	warned bool
	// spent is the last code that was used. A code works only once.
	spent string
	// ahead gets the caller that askAhead finds; nil if it is not to ask.
	ahead chan Caller
	// buy exchanges a code for a session at STS.
	buy func(ctx context.Context, serial, code string) (cache.Session, error)
}

func (x *exchange) run(ctx context.Context) (cache.Session, error) {
	if x.Starting != nil {
		x.Starting()
	}
	cfg, err := x.Config(ctx)
	if err != nil {
		return cache.Session{}, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	keys, err := x.keys(ctx, cfg)
	if err != nil {
		return cache.Session{}, err
	}
	if keys.SessionToken != "" {
		return x.asTheyAre(keys), nil
	}
	cfg.Credentials = fixed(keys)
	serial, err := x.device(ctx, cfg)
	if err != nil {
		return cache.Session{}, err
	}
	x.client, x.buy, x.ahead = x.newSTS(cfg), x.getSession, make(chan Caller, 1)
	s, err := x.tries(ctx, serial)
	if errors.Is(err, ErrSerial) && x.configuredSerial() == "" && !x.keyringFailed {
		x.forgetDevice() // so that the next run looks it up: it may have been replaced
	}
	return s, err
}

// keys returns the source's keys. It asks for them once: a credential_process that
// runs twice can give the key of one session and the token of another
// (git-remote-codecommit #7).
func (x *exchange) keys(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	if x.Source.Keys.HasKeys() {
		return x.OwnKeys(), nil
	}
	if x.Source.Stored {
		return x.storedKeys()
	}
	if cfg.Credentials == nil {
		return aws.Credentials{}, fmt.Errorf("reading the AWS credentials of profile %q: %w", x.Source.Base, x.Source.NoCredentials())
	}
	keys, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("reading the AWS credentials of profile %q: %w%s", x.Source.Base, x.sourceKind(err), sourceReason(err))
	}
	return keys, nil
}

// sourceKind returns the cause of an error of the SDK's credential chain: the
// session of an identity provider has ended, or there were no credentials.
func (x *exchange) sourceKind(err error) error {
	var token *ssocreds.InvalidTokenError
	if errors.As(err, &token) || strings.Contains(err.Error(), "login session has expired") { // logincreds has no type for it
		return ErrExpired
	}
	var asked *smithy.OperationError
	if x.Source.Files != nil && x.Source.Files.Value(x.Source.Base, "login_session").Text != "" && !errors.As(err, &asked) {
		return ErrNoLogin // AWS was not called: the cache of "aws login" is missing or unusable
	}
	var process *processcreds.ProviderError
	if errors.As(err, &process) {
		return ErrSourceProcess
	}
	return x.Source.NoCredentials()
}

// sourceReason returns why there are no credentials. The SDK's error for a
// credential_process is never shown or traced, because it quotes the program's
// output, which may contain a key.
func sourceReason(err error) string {
	var process *processcreds.ProviderError
	switch {
	case errors.As(err, &process):
	case strings.Contains(err.Error(), "ec2imds"):
		return "" // the metadata service is only the last place where the SDK looks
	default:
		return ": " + reason(err)
	}
	var status *exec.ExitError
	if errors.As(err, &status) {
		return fmt.Sprintf(": its credential_process failed: %v", status)
	}
	return ": its credential_process printed no credentials"
}

// tries asks for codes until STS takes one.
func (x *exchange) tries(ctx context.Context, serial string) (cache.Session, error) {
	if err := x.checkSpace(); err != nil {
		return cache.Session{}, err
	}
	q := Question{Profile: x.Source.Profile, Device: serial, NoWindows: x.recent}
	if x.keyringFailed {
		q.TerminalOnly = "the keyring could not be read"
	}
	for try := 1; ; try++ {
		typing := time.AfterFunc(typingBegins, func() { x.askAhead(ctx, try) })
		code, err := x.TokenCode(ctx, q)
		typing.Stop()
		if err != nil {
			return cache.Session{}, err
		}
		s, err := x.spend(ctx, serial, code)
		switch {
		case errors.Is(err, ErrSerial):
			return s, fmt.Errorf("%w: %q, %s", err, serial, x.serialFrom(serial))
		case err == nil, x.OneTry, !errors.Is(err, ErrCode) && !errors.Is(err, ErrUsedCode):
			return s, err
		case try == maxTries:
			return s, fmt.Errorf("after %d tries: %w", try, err)
		}
		q.Again = again(err)
		x.Tell("%s", q.Again)
	}
}

// checkSpace checks that the session can be stored, before a code is spent on it.
// If it can't, login fails, and git gets a warning.
func (x *exchange) checkSpace() error {
	if x.keyringFailed {
		return nil // usedOnce warns
	}
	return x.unkept(x.Store.CheckSpace(x.Identity())) // mutation: no code is spent where a session can not be kept
}

// typingBegins is how long after a question a person is assumed to be typing. A
// question that reaches nobody, or a program, has ended by then.
const typingBegins = 100 * time.Millisecond

// askAhead calls GetCallerIdentity while a person types the first code, instead of
// after it. So the connection is open when the code is there, and one round trip
// is left. Errors do not matter: name calls again.
func (x *exchange) askAhead(ctx context.Context, try int) {
	if x.ahead == nil || try > 1 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if out, err := x.client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err == nil { // mutation: the connection is open before the code
		x.ahead <- callerOf(out)
	}
}

// again returns why another code is needed, and how long to wait for it: codes
// change every 30 seconds (RFC 6238).
func again(err error) string {
	left := 30 - time.Now().Unix()%30
	return fmt.Sprintf("%v: wait for the next code (%d s)", err, left)
}

// spend exchanges a code for a session, unless the code was used before.
func (x *exchange) spend(ctx context.Context, serial, code string) (cache.Session, error) {
	if code == x.spent {
		return cache.Session{}, ErrUsedCode
	}
	x.spent = code
	return x.buy(ctx, serial, code)
}

// getSession gets a user's session for a code.
func (x *exchange) getSession(ctx context.Context, serial, code string) (cache.Session, error) {
	out, offset, err := x.getSessionToken(ctx, x.client, serial, code)
	if err != nil {
		return cache.Session{}, err
	}
	s, err := x.newSession(out.Credentials, x.Duration, offset)
	if err != nil {
		return cache.Session{}, fmt.Errorf("asking STS for a session: %w", err)
	}
	s.Serial, s.SpentCode = serial, code
	select {
	case who := <-x.ahead:
		s.ARN, s.Account = who.ARN, who.Account
	default: // name asks
	}
	if s.ClockOffset != 0 {
		x.tellOffset(s.ClockOffset)
	}
	return s, nil
}

// newSession returns the session that an answer of STS's holds. asked is the
// length that was asked for, offset AWS's clock minus the local one. A session
// that has ended, or that would never end, is an error.
func (p *Provider) newSession(c *types.Credentials, asked, offset time.Duration) (cache.Session, error) {
	end := aws.ToTime(c.Expiration)
	if left := time.Until(end) - offset; left <= 0 || left > asked+time.Hour {
		return cache.Session{}, fmt.Errorf("the answer has an impossible expiration, %s", end.UTC().Format(time.RFC3339))
	}
	s := cache.Session{
		Identity: p.Identity(), Profile: p.Source.Profile, Expiration: end,
		AccessKeyID: aws.ToString(c.AccessKeyId), SecretAccessKey: aws.ToString(c.SecretAccessKey), SessionToken: aws.ToString(c.SessionToken),
	}
	if offset.Abs() > skewNotice {
		s.ClockOffset = offset // mutation: fault: a wrong clock
	}
	return s, nil
}

// name sets the session's ARN and account, which are only shown to people. Errors
// are traced.
func (x *exchange) name(ctx context.Context, s *cache.Session) {
	ctx, cancel := context.WithTimeout(ctx, nameLimit)
	defer cancel()
	who, _, err := x.caller(ctx, x.client, Credentials(*s))
	if err != nil {
		x.Trace("sts:GetCallerIdentity: %v", err)
		return
	}
	s.ARN, s.Account = who.ARN, who.Account
}

// healLimit is short, since the next run can remove the offset too.
const healLimit = 50 * time.Millisecond

// corrected returns the session with the present clock offset. The local clock
// may have been corrected since: with the old offset, an expired session could
// look valid, and git could get an expiry in the past.
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

// heal removes the offset that is kept with a session, so that AWS need not be
// asked for the time again. It does not wait for the lock, and returns no error.
func (p *Provider) heal(ctx context.Context, s cache.Session) {
	held, err := cache.LockWithin(ctx, s.Identity, healLimit, ErrBusy)
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
		p.Trace("removing the clock offset: %v", err)
		return
	}
	p.Trace("the clock was corrected: the clock offset is removed")
}

func (p *Provider) tellOffset(offset time.Duration) {
	p.Tell("warning: this computer's clock is %v %s AWS's; signing with AWS's time until it is set right",
		offset.Abs().Round(time.Second), map[bool]string{true: "behind", false: "ahead of"}[offset > 0])
}
