package session

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Caller is whose keys are, as STS has it.
type Caller struct{ ARN, Account, UserID string }

// Caller asks STS whose some keys are, which needs no permission. cfg is that of
// Config. It returns AWS's clock less the local one, too. The errors are those of
// a call.
func (p *Provider) Caller(ctx context.Context, cfg aws.Config, keys aws.Credentials) (Caller, time.Duration, error) {
	return p.caller(ctx, p.newSTS(cfg), keys)
}

func (p *Provider) caller(ctx context.Context, client *sts.Client, keys aws.Credentials) (Caller, time.Duration, error) {
	var out *sts.GetCallerIdentityOutput
	err := p.send(ctx, call{"GetCallerIdentity", false, classify, func(ctx context.Context) (err error) {
		out, err = client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) { o.Credentials = fixed(keys) })
		return err
	}})
	if err != nil {
		return Caller{}, 0, err
	}
	offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata)
	return Caller{aws.ToString(out.Arn), aws.ToString(out.Account), aws.ToString(out.UserId)}, offset, nil
}

// fixed gives the SDK these keys.
func fixed(keys aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil })
}
