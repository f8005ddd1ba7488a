package iamuser

import (
	"context"
	"errors"
	"fmt"

	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// What IAM answers is known by its code, and how to fix an error of STS's fixes
// the same one of IAM's.
func TestExplain(t *testing.T) {
	answer := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }
	for name, c := range map[string]struct{ err, want error }{
		"denied":    {answer("AccessDenied"), ErrDenied},
		"exists":    {answer("EntityAlreadyExists"), ErrExists},
		"codes":     {answer("InvalidAuthenticationCode"), ErrCodes},
		"limit":     {answer("LimitExceeded"), ErrLimit},
		"gone":      {answer("NoSuchEntity"), ErrGone},
		"throttled": {answer("Throttling"), session.ErrThrottled},
		"key":       {answer("InvalidClientTokenId"), session.ErrKey},
		"no answer": {context.DeadlineExceeded, session.ErrUnreachable},
	} {
		if got := explain("iam:CreateAccessKey", fmt.Errorf("operation error: %w", c.err)); !errors.Is(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := explain("iam:CreateAccessKey", answer("AccessDenied")).Error(); got != "iam:CreateAccessKey: policies deny it" {
		t.Error(got)
	}
	if got := explain("iam:CreateAccessKey", answer("Odd")); !strings.Contains(got.Error(), "iam:CreateAccessKey: Odd: no") {
		t.Error(got)
	}
}

// A device shows no seed, whatever prints it.
func TestDeviceShowsNoSeed(t *testing.T) {
	d := Device{Serial: "arn:aws:iam::1:mfa/a", seed: "SECRET"}
	if text := fmt.Sprintf("%v %+v %#v %s", d, d, d, d); strings.Contains(text, "SECRET") || !strings.Contains(text, d.Serial) {
		t.Error(text)
	}
}
