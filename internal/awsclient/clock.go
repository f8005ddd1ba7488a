package awsclient

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// dateLimit is the time limit of the request for the time, which delays an answer
// to git.
const dateLimit = 2 * time.Second

// ClockOffset returns a function that asks the host of a URL for the time, once in
// this process, and returns its clock minus the local one. So a session stays
// usable when the local clock is corrected. If the host gives no time, the
// function traces why, and returns the kept offset.
func ClockOffset(address string, load func(context.Context) (aws.Config, error), trace func(string, ...any)) func(context.Context, time.Duration) time.Duration {
	var once sync.Once
	var offset time.Duration
	return func(ctx context.Context, kept time.Duration) time.Duration {
		once.Do(func() {
			date, err := askTime(ctx, address, load)
			offset = time.Until(date)
			switch {
			case err != nil:
				trace("asking CodeCommit for the time: %v", err)
				offset = kept // mutation: fault: a Date that can not be read
			case offset.Abs() < 2*time.Second:
				offset = 0 // a Date is in whole seconds, and a little old
			}
		})
		return offset
	}
}

// askTime returns the Date of the host of a URL.
func askTime(ctx context.Context, address string, load func(context.Context) (aws.Config, error)) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, dateLimit)
	defer cancel()
	u, err := url.Parse(address)
	if err != nil {
		return time.Time{}, err
	}
	cfg, err := load(ctx)
	if err != nil {
		return time.Time{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, "https://"+u.Host+"/", nil)
	if err != nil {
		return time.Time{}, err
	}
	resp, err := cfg.HTTPClient.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	resp.Body.Close()
	return http.ParseTime(resp.Header.Get("Date"))
}
