package awsclient

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// dated is an AWS whose answers carry that Date.
type dated string

func (d dated) Do(*http.Request) (*http.Response, error) {
	return &http.Response{Body: http.NoBody, Header: http.Header{"Date": {string(d)}}}, nil
}

// A Date that can't be read, as in a leap second, leaves the offset that is
// kept; one that can is a second or two exact.
func TestClockOffset(t *testing.T) {
	const kept = 20 * time.Minute
	for date, want := range map[string]time.Duration{
		"Sat, 31 Dec 2016 23:59:60 GMT": kept, // the last leap second so far
		"":                              kept,
		"now":                           kept,
		time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): -time.Hour,
		time.Now().UTC().Format(http.TimeFormat):                 0,
	} {
		load := func(context.Context) (aws.Config, error) { return aws.Config{HTTPClient: dated(date)}, nil }
		got := ClockOffset("https://git-codecommit.us-east-1.amazonaws.com/", load, func(string, ...any) {})(context.Background(), kept)
		if (got - want).Abs() > 5*time.Second {
			t.Errorf("Date %q: %v, not %v", date, got, want)
		}
	}
}
