// Package bounded limits the time of calls that can't be interrupted: into an
// operating system's keyring, or to a drive that does not answer.
package bounded

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTimeout is returned when a call takes longer than its limit.
var ErrTimeout = errors.New("no answer")

// Do returns the results of call. If call takes longer than limit, it returns
// ErrTimeout, and if ctx ends first, ctx's error. In both cases call goes on in
// its goroutine, and its results are dropped.
func Do[T any](ctx context.Context, limit time.Duration, call func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := call()
		done <- result{value, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var none T
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C: // mutation: a drive that does not answer
		return none, fmt.Errorf("%w within %v", ErrTimeout, limit)
	}
}
