package session

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

// Source is where the credentials of a profile come from.
type Source = awssource.Source

// ReadSource is awssource.Read, and the error of the SDK for what it refuses in
// the environment.
func ReadSource(ctx context.Context, profile string) (Source, error) {
	if _, err := config.NewEnvConfig(); err != nil {
		return Source{Profile: profile}, fmt.Errorf("reading the AWS environment: %w", err)
	}
	return awssource.Read(ctx, profile)
}

// OwnKeys are the keys that stand in the environment or the files, as the SDK
// has them. They are empty when only the SDK's chain can tell.
func (p *Provider) OwnKeys() aws.Credentials {
	k := p.Source.Keys
	return aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken, Source: k.From}
}
