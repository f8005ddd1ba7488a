package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
)

// classify returns one of the errors of sts.go, or nil for an answer of another
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
	var foreign *smithy.DeserializationError
	if errors.As(err, &foreign) && api == nil { // mutation: fault: a portal
		return ErrNotSTS
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
	var proxy awsclient.ProxyRefusal
	var timeout net.Error
	switch {
	case errors.As(err, &proxy):
		return ErrProxy
	case errors.Is(err, http.ErrSchemeMismatch):
		return ErrNotSTS
	case errors.As(err, &certificate):
		return ErrTLS
	case errors.As(err, &name):
		return ErrUnreachable
	case errors.As(err, &operation) && operation.Op != "read" && operation.Op != "write":
		return ErrUnreachable // dial, proxyconnect, socks connect
	case operation == nil && errors.As(err, &timeout) && timeout.Timeout():
		return ErrUnreachable // in the handshake of TLS
	case operation != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
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
	var foreign *smithy.DeserializationError
	var response *awshttp.ResponseError
	if api == nil && errors.As(err, &foreign) && errors.As(err, &response) {
		text = fmt.Sprintf("HTTP %d with something else in it", response.HTTPStatusCode())
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
