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

// ReadSource is awssource.Read. It also returns the SDK's error for invalid values
// in the environment.
func ReadSource(ctx context.Context, profile string) (Source, error) {
	if _, err := config.NewEnvConfig(); err != nil {
		return Source{Profile: profile}, fmt.Errorf("reading the AWS environment: %w", err)
	}
	return awssource.Read(ctx, profile)
}

// OwnKeys returns the keys in the environment or the files, in the SDK's type.
// They are empty if only the SDK's chain can get them.
func (p *Provider) OwnKeys() aws.Credentials {
	k := p.Source.Keys
	return aws.Credentials{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken, Source: k.From}
}
