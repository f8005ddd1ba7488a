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
	// callLimit is short enough that the exchange can still report an endpoint
	// that hangs.
	callLimit = 20 * time.Second
	nameLimit = 5 * time.Second
	// maxCalls is how often a call is made while STS throttles or fails.
	maxCalls = 3
)

// The errors of calls to STS, as far as a person has to react differently to
// them. AWS's texts for them are from many public reports.
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

// IsAnswer reports whether an error is the result of a call to AWS.
func IsAnswer(err error) bool {
	return slices.ContainsFunc([]error{ErrCode, ErrUsedCode, ErrSerial, ErrKey, ErrSecret, ErrClock, ErrRegion, ErrThrottled, ErrDown, ErrUnreachable,
		ErrNoAnswer, ErrNotSTS, ErrProxy, ErrTLS, ErrTemporary, ErrListDenied, ErrNoDevice, ErrFIDO, ErrRoleDenied, ErrExpired},
		func(cause error) bool { return errors.Is(err, cause) }) || errors.As(err, new(unknownAnswer))
}

// unknownAnswer is an error of STS without a value of its own here.
type unknownAnswer string

func (a unknownAnswer) Error() string { return string(a) }

// newSTS returns a client without retries: STS refuses a spent code that is sent
// again, as if it were wrong.
func (p *Provider) newSTS(cfg aws.Config) *sts.Client {
	return sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.Region = p.Region
		o.Retryer = aws.NopRetryer{}         // mutation: fault: a code is sent once
		o.DisableClockSkewCorrection = false // a profile may have disabled it
		if p.FIPS {                          // mutation: fault: FIPS or nothing
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}
	})
}

// call is a call to STS.
type call struct {
	name string            // for the trace
	code bool              // whether it carries an MFA code
	kind func(error) error // classify, or classifyRole
	do   func(context.Context) error
}

// send calls STS. It repeats a call only if that can't spend a code twice: if STS
// throttled it or failed, if the request was never sent, or if its signature's
// time was refused. In the last case the client now signs with the offset of AWS's
// clock, which it took from the answer.
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

// told returns the error of a call, of this kind. It adds AWS's text, if that says
// more than the kind, and wraps the SDK's error without its text.
func told(kind, err error) error {
	switch kind {
	case nil:
		return callFailure{unknownAnswer(reason(err)), err}
	case ErrCode, ErrSerial, ErrKey, ErrSecret:
		return callFailure{kind, err}
	}
	return callFailure{fmt.Errorf("%w: %s", kind, reason(err)), err}
}

// callFailure is the error of a failed call. It wraps the SDK's error, whose text
// may hold a secret, without showing it.
type callFailure struct {
	error
	cause error
}

func (e callFailure) Unwrap() []error { return []error{e.error, e.cause} }

// getSessionToken spends a code. It also returns AWS's clock minus the local one.
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

// errUnusable is for credentials that are incomplete, as in the page of a captive
// portal, or that can't be written in git's protocol.
var errUnusable = errors.New("the answer holds no session that could be used")

// usable reports whether credentials are complete, and fit into git's username:
// one line, with the access key id before the first "%". newSession checks the
// expiration.
func usable(c *types.Credentials) bool {
	if c == nil || c.Expiration == nil {
		return false
	}
	id, secret, token := aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken)
	return strings.HasPrefix(id, "ASIA") && !strings.Contains(id, "%") && printed(id) && printed(secret) && printed(token)
}

// printed reports whether a value consists of printable ASCII without spaces, as
// all of AWS's do.
func printed(value string) bool {
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return false // mutation: a session that git can not be told of
		}
	}
	return value != ""
}

// pause waits, or returns the context's error if that ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Caller is the owner of some keys, by STS.
type Caller struct{ ARN, Account, UserID string }

// Caller asks STS who owns some keys, which needs no permission. cfg is that of
// Config. It also returns AWS's clock minus the local one. The errors are those of
// a call to STS.
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

// fixed returns a provider of these keys.
func fixed(keys aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
}
