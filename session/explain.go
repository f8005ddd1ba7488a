package session

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Explain returns AWS's or the network's own words for a failed call, which
// hold no secret, and one of this package's errors, or nil for another kind.
func Explain(failed error) (words string, kind error) {
	if failed == nil {
		return "", nil
	}
	return reason(failed), classify(failed)
}

// SourceKeys returns the keys of the source. It runs what the profile says
// that gives them (credential_process).
func (p *Provider) SourceKeys(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	return (&exchange{Provider: p}).keys(ctx, cfg)
}
