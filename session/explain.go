package session

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Explain returns one of this package's errors for a failed call of AWS, or
// nil for another kind, and AWS's or the network's own words for it, which
// hold no secret.
func Explain(err error) (kind error, words string) { return classify(err), reason(err) }

// SourceKeys returns the keys of the source. It runs what the profile says
// that gives them (credential_process).
func (p *Provider) SourceKeys(ctx context.Context, cfg aws.Config) (aws.Credentials, error) {
	return (&exchange{Provider: p}).keys(ctx, cfg)
}
