package awsclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// maxBody is more than the size of any answer that is used here.
const maxBody = 1 << 20

// sender sends every call to AWS. An incomplete answer is a CallError, so that it
// is not read as another answer. The size of answers is limited, since a proxy may
// be an attacker's, and the SDK reads answers into memory.
type sender struct{ aws.HTTPClient }

func (s sender) Do(r *http.Request) (*http.Response, error) {
	var sent atomic.Bool
	hideWriteTo(r) // mutation: an answer before the end of its request
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }}))
	resp, err := s.HTTPClient.Do(r)
	if err != nil {
		return nil, &CallError{Sent: sent.Load(), Err: err}
	}
	resp.Body = answerBody{io.LimitReader(resp.Body, maxBody), resp.Body}
	return resp, nil
}

// answerBody is the body of an answer, up to maxBody.
type answerBody struct {
	io.Reader
	io.Closer
}

func (b answerBody) Read(data []byte) (int, error) {
	n, err := b.Reader.Read(data)
	if err != nil && err != io.EOF { // mutation: a cut-off answer is none
		err = &CallError{Sent: true, Err: err}
	}
	return n, err
}

// hideWriteTo hides the WriteTo of smithy-go's request bodies from net/http. It
// returns io.EOF once the SDK has closed the body. If an answer comes before
// net/http has looked for the body's end, net/http treats that io.EOF as a failed
// write and closes the connection, and the rest of the answer is lost.
func hideWriteTo(r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
}

// CallError is the error of a call to AWS without a complete HTTP answer.
type CallError struct {
	// Sent is true if at least a part of the request was sent: AWS may have used the
	// code in it.
	Sent bool
	Err  error
}

func (e *CallError) Unwrap() error { return e.Err }

// Error returns what happened to the connection, without any byte of the answer:
// net/http's errors quote what they can't parse, which may come from anyone.
func (e *CallError) Error() string {
	var proxy ProxyRefusal
	var certificate *tls.CertificateVerificationError
	var operation *net.OpError
	var timeout net.Error
	switch {
	case errors.As(e.Err, &proxy):
		return proxy.Error()
	case errors.As(e.Err, &certificate):
		return certificate.Error()
	case errors.As(e.Err, &operation):
		return operation.Error()
	case errors.Is(e.Err, context.Canceled), errors.Is(e.Err, context.DeadlineExceeded), errors.As(e.Err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(e.Err, io.EOF), errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "the connection was closed before the answer was whole"
	case errors.Is(e.Err, http.ErrSchemeMismatch), errors.As(e.Err, new(tls.RecordHeaderError)):
		return "the server does not speak TLS"
	case e.Sent:
		return "the server does not speak HTTP"
	}
	return "the connection failed"
}

// ProxyRefusal is the HTTP status with which a proxy refuses to connect.
type ProxyRefusal int

// Error returns the status with its name: "407 Proxy Authentication Required".
func (r ProxyRefusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", int(r), http.StatusText(int(r))))
}
