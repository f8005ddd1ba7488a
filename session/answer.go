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

// classify returns one of the errors of sts.go, or nil for any other error.
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
		return ErrNoAnswer // or only a part of one
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

// apiError returns AWS's error, or nil. UnknownError is the SDK's code for an
// answer without AWS's XML, such as the page of a proxy.
func apiError(err error) smithy.APIError {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() == "UnknownError" {
		return nil
	}
	return api
}

// classifyCall returns the kind of a call without an HTTP answer. It tells a
// request that never reached STS, and can't have spent a code, from one that may
// have.
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

// classifyAPI returns the kind of an error by its code, and by its text if AWS
// uses the code for several kinds.
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

// reason returns the text of AWS's or the network's error, without the request id
// and the operation's name. It removes control bytes, because the answer may not
// be AWS's.
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
	case errors.As(err, &request): // a call of the SDK's credential chain
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

// Explain returns the text of AWS's or the network's error for a failed call,
// without secrets, and the error's kind: one of this package's errors, or nil.
func Explain(failed error) (words string, kind error) {
	if failed == nil {
		return "", nil
	}
	return reason(failed), classify(failed)
}

// SourceKeys returns the keys of the source. It may run the profile's
// credential_process.
func (p *Provider) SourceKeys(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	return (&exchange{Provider: p}).keys(ctx, cfg)
}
