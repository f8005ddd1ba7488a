package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
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
	ErrTLS           = errors.New("the certificate of STS is not trusted")
	ErrSourceProcess = errors.New("the profile's program for credentials gave none")
	ErrNoCredentials = errors.New("no AWS credentials")
	ErrTemporary     = errors.New("the credentials are temporary, and STS gives sessions for long-term access keys only")
)

// newSTS returns a client whose retries are off: a second sending of a code
// that was spent is refused, and reads like a wrong code.
func (p *Provider) newSTS(cfg aws.Config) *sts.Client {
	return sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.Region = p.Region
		o.Retryer = aws.NopRetryer{}
		o.DisableClockSkewCorrection = false // a profile may turn off what we count on
		if p.FIPS {
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}
	})
}

// getSessionToken sends a code, again only where that can't be what spends
// it twice: a call that STS throttled, that failed inside AWS, that never
// left, or whose signature was refused for its time (the client has learnt
// the offset from the answer, and signs with it). It returns AWS's clock minus
// the local one.
func (p *Provider) getSessionToken(ctx context.Context, client *sts.Client, serial, code string) (*sts.GetSessionTokenOutput, time.Duration, error) {
	perhapsUsed, corrected := false, false
	for call := 1; ; call++ {
		out, err := p.call(ctx, client, serial, code)
		if err == nil {
			offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata)
			return out, offset, nil
		}
		kind := classify(err)
		p.Trace("sts:GetSessionToken, call %d: %v", call, reason(err))
		switch {
		case kind == ErrClock && !corrected:
			corrected = true
			continue
		case kind == ErrCode && perhapsUsed:
			err = fmt.Errorf("%w; perhaps the call that failed just before used it", ErrCode)
		case call < maxCalls && (kind == ErrThrottled || kind == ErrDown || kind == ErrUnreachable):
			perhapsUsed = perhapsUsed || kind == ErrDown
			if err := pause(ctx, time.Duration(call)*time.Second/2); err != nil {
				return nil, 0, err
			}
			continue
		case kind == nil:
			err = fmt.Errorf("asking STS for a session: %w", errors.New(reason(err)))
		case kind == ErrCode, kind == ErrSerial, kind == ErrKey, kind == ErrSecret:
			err = kind // AWS's own wording says no more, and is no help
		default:
			err = fmt.Errorf("%w: %s", kind, reason(err))
		}
		return nil, 0, err
	}
}

func (p *Provider) call(ctx context.Context, client *sts.Client, serial, code string) (*sts.GetSessionTokenOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{
		DurationSeconds: aws.Int32(int32(p.Duration / time.Second)),
		SerialNumber:    aws.String(serial),
		TokenCode:       aws.String(code),
	})
	if err == nil && !whole(out.Credentials) {
		return nil, errors.New("the answer holds no session that could be used") // a captive portal, say
	}
	return out, err
}

// whole reports whether all of a session is there. That it has ended already
// is for the caller to see, who knows AWS's time.
func whole(c *types.Credentials) bool {
	return c != nil && c.Expiration != nil && strings.HasPrefix(aws.ToString(c.AccessKeyId), "ASIA") &&
		aws.ToString(c.SecretAccessKey) != "" && aws.ToString(c.SessionToken) != ""
}

// classify returns one of the errors above, or nil for an answer of another
// kind.
func classify(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		if kind := classifyAPI(api); kind != nil {
			return kind
		}
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() >= 500 {
		return ErrDown
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrNoAnswer // also one that began and stopped
	}
	if api != nil || response != nil && response.HTTPStatusCode() > 0 {
		return nil
	}
	return classifyNetwork(err)
}

// classifyNetwork tells what never reached STS, and can't have spent a code,
// from what may have.
func classifyNetwork(err error) error {
	var operation *net.OpError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return ErrTLS
	case errors.As(err, &name):
		return ErrUnreachable
	case errors.As(err, &operation) && operation.Op != "read" && operation.Op != "write":
		return ErrUnreachable // dial, proxyconnect, socks connect
	case operation != nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrNoAnswer
	}
	return nil
}

// classifyAPI knows an error by its code, and where AWS uses one code for
// several things, by its text.
func classifyAPI(api smithy.APIError) error {
	code, message := api.ErrorCode(), api.ErrorMessage()
	if _, ok := retry.DefaultThrottleErrorCodes[code]; ok {
		return ErrThrottled
	}
	for _, k := range []struct {
		code, part string
		kind       error
	}{
		{"AccessDenied", "invalid MFA one time pass code", ErrCode},
		{"AccessDenied", "unable to validate MFA code", ErrSerial},
		{"ValidationError", "serialNumber", ErrSerial},
		{"AccessDenied", "Cannot call GetSessionToken with session credentials", ErrTemporary},
		{"InvalidClientTokenId", "", ErrKey},
		{"SignatureDoesNotMatch", "Signature expired", ErrClock},
		{"SignatureDoesNotMatch", "Signature not yet current", ErrClock},
		{"SignatureDoesNotMatch", "The request signature we calculated", ErrSecret},
		{"RequestExpired", "", ErrClock},
		{"RegionDisabledException", "", ErrRegion},
	} {
		if code == k.code && strings.Contains(message, k.part) {
			return k.kind
		}
	}
	return nil
}

// reason returns AWS's own words, or those of the network, without the
// request id and the operation's name around them. Control bytes are taken
// out: whatever answers here may not be AWS.
func reason(err error) string {
	text := err.Error()
	var request *url.Error
	if errors.As(err, &request) {
		text = request.Err.Error() // without the SDK's own words around it
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		text = api.ErrorCode() + ": " + strings.TrimSpace(api.ErrorMessage())
	}
	text = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, text)
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return text
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
