package probe

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// clients calls AWS as the helper does.
type clients struct {
	provider *session.Provider
	config   aws.Config
	iam      func(aws.Credentials) *iam.Client
}

func newClients(ctx context.Context, provider *session.Provider) (clients, error) {
	cfg, err := provider.Config(ctx)
	if err != nil {
		return clients{}, err
	}
	return clients{
		provider: provider,
		config:   cfg,
		iam: func(keys aws.Credentials) *iam.Client {
			return iam.NewFromConfig(cfg, func(o *iam.Options) {
				o.Region, o.Credentials, o.RetryMaxAttempts = provider.Region, static(keys), 2
			})
		},
	}, nil
}

func static(keys aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
}

// homes has a region of each partition, in which its STS is asked.
var homes = []string{"us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"}

// anywhere asks the other partitions about keys that the host's partition does not
// know.
func (c clients) anywhere(ctx context.Context, keys aws.Credentials) (doctor.Caller, bool) {
	for _, home := range homes {
		if codecommit.Partition(home) == codecommit.Partition(c.provider.Region) {
			continue
		}
		there, provider := c, *c.provider
		provider.Region, provider.FIPS = home, false
		there.provider = &provider
		limited, cancel := context.WithTimeout(ctx, short)
		who, _, err := there.caller(limited, keys)
		cancel()
		if err == nil {
			return who, true
		}
	}
	return doctor.Caller{}, false
}

// caller asks whose keys these are, and returns the offset of AWS's clock.
func (c clients) caller(ctx context.Context, keys aws.Credentials) (doctor.Caller, time.Duration, error) {
	who, offset, err := c.provider.Caller(ctx, c.config, keys)
	return doctor.Caller(who), offset, err
}
