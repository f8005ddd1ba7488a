package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
)

// classify returns one of the errors of sts.go, or nil for an answer of another
// kind.
func classify(err error) error {
	if api := apiError(err); api != nil {
		if kind := classifyAPI(api); kind != nil {
			return kind
		}
	}
	var call *awsclient.CallError
	if errors.As(err, &call) {
		return classifyCall(call)
	}
	status := httpStatus(err)
	if status >= 500 {
		return ErrDown
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrNoAnswer // also one that began and stopped
	}
	if errors.Is(err, errUnusable) || status > 0 && apiError(err) == nil { // mutation: fault: a portal
		return ErrNotSTS
	}
	return nil
}

// httpStatus returns the status of an HTTP answer, or 0 if there was none.
func httpStatus(err error) int {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return 0
	}
	return response.HTTPStatusCode()
}

// apiError returns the error that AWS has answered with, or nil. The SDK calls
// an error answer without AWS's XML, such as the page of a proxy, UnknownError.
func apiError(err error) smithy.APIError {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() == "UnknownError" {
		return nil
	}
	return api
}

// classifyCall tells what never reached STS, and can't have spent a code, from
// what may have.
func classifyCall(call *awsclient.CallError) error {
	var certificate *tls.CertificateVerificationError
	var proxy awsclient.ProxyRefusal
	switch {
	case errors.As(call, &proxy):
		return ErrProxy
	case errors.Is(call, http.ErrSchemeMismatch):
		return ErrNotSTS
	case errors.As(call, &certificate):
		return ErrTLS
	case call.Sent:
		return ErrNoAnswer
	}
	return ErrUnreachable
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
	var call *awsclient.CallError
	var request *url.Error
	switch {
	case errors.As(err, &call):
		text = call.Error()
	case apiError(err) != nil:
		text = apiError(err).ErrorCode() + ": " + strings.TrimSpace(apiError(err).ErrorMessage())
	case httpStatus(err) > 0: // without a byte of the answer, which may be a proxy's page
		text = fmt.Sprintf("HTTP status %d", httpStatus(err)) // mutation: no byte of a foreign page
	case errors.As(err, &request): // of a call that the SDK made for itself
		text = (&awsclient.CallError{Err: request.Err}).Error()
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

// Explain returns AWS's or the network's own words for a failed call, which
// hold no secret, and one of this package's errors, or nil for another kind.
func Explain(failed error) (words string, kind error) {
	if failed == nil {
		return "", nil
	}
	return reason(failed), classify(failed)
}

// SourceKeys returns the keys of the source. It runs what the profile says
// that gives them (credential_process).
func (p *Provider) SourceKeys(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	return (&exchange{Provider: p}).keys(ctx, cfg)
}
