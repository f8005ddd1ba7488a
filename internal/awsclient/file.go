package awsclient

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrFileWaits is for an AWS file that is a pipe which nobody writes to, say,
// or lies on a network drive that is gone.
var ErrFileWaits = errors.New("a file does not come to its end")

// fileLimit is how long the SDK's own reading of files is waited for.
const fileLimit = 10 * time.Second

// InTime returns what read does, or ErrFileWaits when the limit has passed. It
// is for what the SDK reads: it opens files and knows no limit.
func InTime[T any](ctx context.Context, limit time.Duration, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
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
	case <-timer.C: // mutation: fault: a pipe for an AWS file
		return none, fmt.Errorf("%w within %v", ErrFileWaits, limit)
	}
}

// ReadFile reads a file of AWS's or git's settings beside the SDK. What is not a file gives
// nothing: a pipe can be read once, and the SDK has done so.
func ReadFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // mutation: fault: a pipe is not read twice
		return nil, err
	}
	return os.ReadFile(name)
}
