package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

const (
	// callLimit bounds one call, so that a hanging endpoint leaves time to
	// say so within the exchange.
	callLimit = 20 * time.Second
	nameLimit = 5 * time.Second
	// maxCalls is how often one code is sent while STS throttles or fails.
	maxCalls = 3
)

// What STS can answer, as far as it changes what a person should do. The
// texts that tell them apart are AWS's, of many public reports.
var (
	ErrCode          = errors.New("the MFA code was refused (wrong, or used already)")
	ErrUsedCode      = errors.New("this MFA code was used already")
	ErrSerial        = errors.New("STS does not know this MFA device for this user")
	ErrKey           = errors.New("the access key is unknown, deleted or inactive")
	ErrSecret        = errors.New("the secret access key does not belong to the access key")
	ErrClock         = errors.New("this computer's clock is wrong")
	ErrRegion        = errors.New("STS is not activated in this region for the account")
	ErrThrottled     = errors.New("STS throttles this account")
	ErrDown          = errors.New("STS failed")
	ErrUnreachable   = errors.New("STS could not be reached")
	ErrNoAnswer      = errors.New("STS did not answer; the code may have been used")
	ErrNotSTS        = errors.New("what answered was not STS")
	ErrProxy         = errors.New("the proxy refused to connect")
	ErrTLS           = errors.New("the certificate of STS is not trusted")
	ErrSourceProcess = errors.New("the profile's program for credentials gave none")
	ErrNoCredentials = awssource.ErrNoCredentials
	ErrTemporary     = errors.New("the credentials are temporary, and STS gives sessions for long-term access keys only")
)

// IsAnswer reports whether an error is what came back from a call to AWS, or that
// nothing did.
func IsAnswer(err error) bool {
	return slices.ContainsFunc([]error{ErrCode, ErrUsedCode, ErrSerial, ErrKey, ErrSecret, ErrClock, ErrRegion, ErrThrottled, ErrDown, ErrUnreachable,
		ErrNoAnswer, ErrNotSTS, ErrProxy, ErrTLS, ErrTemporary, ErrListDenied, ErrNoDevice, ErrFIDO, ErrRoleDenied, ErrExpired},
		func(cause error) bool { return errors.Is(err, cause) }) || errors.As(err, new(unknownAnswer))
}

// unknownAnswer is an error of STS that has no type of its own here.
type unknownAnswer string

func (a unknownAnswer) Error() string { return string(a) }

// newSTS returns a client whose retries are off: a second sending of a code
// that was spent is refused, and reads like a wrong code.
func (p *Provider) newSTS(cfg aws.Config) *sts.Client {
	return sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.Region = p.Region
		o.Retryer = aws.NopRetryer{}         // mutation: fault: a code is sent once
		o.DisableClockSkewCorrection = false // a profile may turn off what we count on
		if p.FIPS {                          // mutation: fault: FIPS or nothing
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}
	})
}

// call is a call to STS.
type call struct {
	name string            // for the trace
	code bool              // it carries an MFA code
	kind func(error) error // classify, or what knows more of this call
	do   func(context.Context) error
}

// send calls STS, again only where that can't spend a code twice: a call that
// STS throttled, that failed inside AWS, that never left, or whose signature was
// refused for its time (the client has learnt the offset from the answer, and
// signs with it).
func (p *Provider) send(ctx context.Context, c call) error {
	perhapsUsed, corrected := false, false
	for n := 1; ; n++ {
		limited, cancel := context.WithTimeout(ctx, callLimit)
		err := c.do(limited)
		cancel()
		if err == nil {
			return nil
		}
		kind := c.kind(err)
		p.Trace("sts:%s, call %d: %v", c.name, n, reason(err))
		switch {
		case kind == ErrClock && !corrected:
			corrected = true
		case n < maxCalls && (kind == ErrThrottled || kind == ErrDown || kind == ErrUnreachable):
			perhapsUsed = perhapsUsed || kind == ErrDown
			if err := pause(ctx, time.Duration(n)*cmp.Or(p.retryPause, time.Second/2)); err != nil {
				return err
			}
		case kind == ErrCode && c.code && perhapsUsed:
			return fmt.Errorf("%w; perhaps the call that failed just before used it", ErrCode)
		case kind == ErrNoAnswer && !c.code:
			return told(ErrUnreachable, err)
		default:
			return told(kind, err)
		}
	}
}

// told words an error of STS's. Where the kind says all, AWS's own wording is no
// help. The cause can be found in it, and is in no text.
func told(kind, err error) error {
	switch kind {
	case nil:
		return callFailure{unknownAnswer(reason(err)), err}
	case ErrCode, ErrSerial, ErrKey, ErrSecret:
		return callFailure{kind, err}
	}
	return callFailure{fmt.Errorf("%w: %s", kind, reason(err)), err}
}

// callFailure is a call that failed, in our words, and the SDK's error, whose text
// may hold what nobody should read.
type callFailure struct {
	error
	cause error
}

func (e callFailure) Unwrap() []error { return []error{e.error, e.cause} }

// getSessionToken spends a code. It returns AWS's clock minus the local one.
func (p *Provider) getSessionToken(ctx context.Context, client *sts.Client, serial, code string) (*sts.GetSessionTokenOutput, time.Duration, error) {
	var out *sts.GetSessionTokenOutput
	err := p.send(ctx, call{"GetSessionToken", true, classify, func(ctx context.Context) (err error) {
		out, err = client.GetSessionToken(ctx, &sts.GetSessionTokenInput{
			DurationSeconds: aws.Int32(int32(p.Duration / time.Second)),
			SerialNumber:    aws.String(serial),
			TokenCode:       aws.String(code),
		})
		if err == nil && !usable(out.Credentials) {
			return errUnusable
		}
		return err
	}})
	switch {
	case errors.As(err, new(unknownAnswer)):
		return nil, 0, fmt.Errorf("asking STS for a session: %w", err)
	case err != nil:
		return nil, 0, err
	}
	offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata)
	return out, offset, nil
}

// errUnusable is for credentials that are not whole, as a captive portal gives
// them, or that could not be answered to git, so that they are not kept either.
var errUnusable = errors.New("the answer holds no session that could be used")

// usable reports whether all of a session is there, and can go into git's
// username: one line, the access key id before the first "%". That it has ended
// already is for the caller to see, who knows AWS's time.
func usable(c *types.Credentials) bool {
	if c == nil || c.Expiration == nil {
		return false
	}
	id, secret, token := aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken)
	return strings.HasPrefix(id, "ASIA") && !strings.Contains(id, "%") && printed(id) && printed(secret) && printed(token)
}

// printed reports whether a value consists of printed ASCII, without blanks, as
// all of AWS's do.
func printed(value string) bool {
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return false // mutation: a session that git can not be told of
		}
	}
	return value != ""
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Caller is whose keys are, as STS has it.
type Caller struct{ ARN, Account, UserID string }

// Caller asks STS whose some keys are, which needs no permission. cfg is that of
// Config. It returns AWS's clock less the local one, too. The errors are those of
// a call.
func (p *Provider) Caller(ctx context.Context, cfg aws.Config, keys aws.Credentials) (Caller, time.Duration, error) {
	return p.caller(ctx, p.newSTS(cfg), keys)
}

func (p *Provider) caller(ctx context.Context, client *sts.Client, keys aws.Credentials) (Caller, time.Duration, error) {
	var out *sts.GetCallerIdentityOutput
	err := p.send(ctx, call{"GetCallerIdentity", false, classify, func(ctx context.Context) (err error) {
		out, err = client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) { o.Credentials = fixed(keys) })
		return err
	}})
	if err != nil {
		return Caller{}, 0, err
	}
	offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata)
	return callerOf(out), offset, nil
}

func callerOf(out *sts.GetCallerIdentityOutput) Caller {
	return Caller{aws.ToString(out.Arn), aws.ToString(out.Account), aws.ToString(out.UserId)}
}

// fixed gives the SDK these keys.
func fixed(keys aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
}
