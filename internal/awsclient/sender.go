package awsclient

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// maxBody is more than any answer that is of use here.
const maxBody = 1 << 20

// sender is what every call to AWS goes through. It reads no answer without
// end: a proxy may be an attacker's, and the SDK keeps what it reads in memory.
type sender struct{ aws.HTTPClient }

func (s sender) Do(r *http.Request) (*http.Response, error) {
	hideWriteTo(r) // mutation: an answer before the end of its request
	resp, err := s.HTTPClient.Do(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxBody), resp.Body}
	}
	return resp, err
}

// hideWriteTo keeps net/http from the WriteTo of smithy-go's request bodies,
// which returns io.EOF once the SDK has closed the body. An answer can come
// before net/http has looked for the body's end; it then takes that io.EOF for
// a failed write and closes the connection, and the answer is lost half-way.
func hideWriteTo(r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
}
