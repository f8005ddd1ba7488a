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
	resp, err := s.HTTPClient.Do(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxBody), resp.Body}
	}
	return resp, err
}
