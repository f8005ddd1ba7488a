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

// fileLimit is how long AWS's two files are waited for.
var fileLimit = 10 * time.Second

// ReadSource reads the environment and the profile. profile is the name from
// the command line, or "" for AWS_PROFILE or the default. The SDK opens the
// files and knows no limit.
func ReadSource(ctx context.Context, profile string) (Source, error) {
	type result struct {
		source Source
		err    error
	}
	done := make(chan result, 1)
	go func() {
		source, err := readSource(ctx, profile)
		done <- result{source, err}
	}()
	limit := time.NewTimer(fileLimit)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.source, r.err
	case <-ctx.Done():
		return Source{Profile: profile}, ctx.Err()
	case <-limit.C:
		return Source{Profile: profile}, fmt.Errorf("reading the AWS profile: %w within %v", ErrFileWaits, fileLimit)
	}
}

// ReadFile reads one of AWS's two files beside the SDK. What is not a file gives
// nothing: a pipe can be read once, and the SDK has done so.
func ReadFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	return os.ReadFile(name)
}
