package probe

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// clients are those of AWS, as the helper itself would use them.
type clients struct {
	config aws.Config
	sts    *sts.Client
	iam    func(aws.Credentials) *iam.Client
}

func newClients(ctx context.Context, provider *session.Provider) (clients, error) {
	cfg, err := provider.Config(ctx)
	if err != nil {
		return clients{}, err
	}
	return clients{
		config: cfg,
		sts: sts.NewFromConfig(cfg, func(o *sts.Options) {
			o.Region, o.Retryer = provider.Region, aws.NopRetryer{}
		}),
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

// homes are the regions by which the other partitions are asked.
var homes = []string{"us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"}

// anywhere asks the other partitions about keys that the host's does not know.
func (c clients) anywhere(ctx context.Context, keys aws.Credentials, region string) (doctor.Caller, bool) {
	for _, home := range homes {
		if codecommit.Partition(home) == codecommit.Partition(region) {
			continue
		}
		there := c
		there.sts = sts.NewFromConfig(c.config, func(o *sts.Options) { o.Region, o.Retryer = home, aws.NopRetryer{} })
		limited, cancel := context.WithTimeout(ctx, short)
		who, _, err := there.caller(limited, keys)
		cancel()
		if err == nil {
			return who, true
		}
	}
	return doctor.Caller{}, false
}

// caller asks whose keys these are, which no policy forbids. A signature that
// is refused for its time teaches the client the time, and is sent again.
func (c clients) caller(ctx context.Context, keys aws.Credentials) (doctor.Caller, time.Duration, error) {
	var out *sts.GetCallerIdentityOutput
	var err error
	for range 2 {
		out, err = c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) { o.Credentials = static(keys) })
		if kindOf(err) != doctor.WrongClock {
			break
		}
	}
	if err != nil {
		return doctor.Caller{}, 0, err
	}
	offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata)
	return doctor.Caller{ARN: aws.ToString(out.Arn), Account: aws.ToString(out.Account), UserID: aws.ToString(out.UserId)}, offset, nil
}

// pages asks for one page after the other. The SDK's paginators are not for us:
// they take the client as an interface, and with that, and text/template's
// reflection, the linker keeps every operation of IAM, 5 MB of them.
func pages(ask func(marker *string) (next *string, err error)) error {
	marker, err := ask(nil)
	for err == nil && aws.ToString(marker) != "" {
		marker, err = ask(marker)
	}
	return err
}
