package session

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

// fileLimit is how long AWS's files are waited for.
var fileLimit = 10 * time.Second

// ReadSource reads the environment and the profile. profile is the name from
// the command line, or "" for AWS_PROFILE or the default.
func ReadSource(ctx context.Context, profile string) (Source, error) {
	source, err := InTime(ctx, func() (Source, error) { return readSource(ctx, profile) })
	if source.Profile == "" {
		source.Profile = profile
	}
	if errors.Is(err, ErrFileWaits) {
		err = fmt.Errorf("reading the AWS profile: %w", err)
	}
	return source, err
}

// InTime returns what read does, or after ten seconds ErrFileWaits. It is for
// what the SDK reads: it opens files and knows no limit.
func InTime[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	limit := time.NewTimer(fileLimit)
	defer limit.Stop()
	var none T
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-limit.C: // mutation: fault: a pipe for an AWS file
		return none, fmt.Errorf("%w within %v", ErrFileWaits, fileLimit)
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
