package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

func (p *Provider) assumeFrom(ctx context.Context, from cache.Session) (cache.Session, error) {
	role, partition := p.role(), codecommit.Partition(p.Region)
	if role.partition() != partition {
		return cache.Session{}, fmt.Errorf("%w: %q, and the region %s is of %q", ErrPartition, role.partition(), p.Region, partition)
	}
	cfg, err := p.Config(ctx)
	if err != nil {
		return cache.Session{}, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return Credentials(from), nil })
	input := &sts.AssumeRoleInput{
		RoleArn: aws.String(role.ARN), RoleSessionName: aws.String(sessionName(role, from)),
		DurationSeconds: aws.Int32(int32(role.Duration / time.Second)),
	}
	if role.ExternalID != "" {
		input.ExternalId = aws.String(role.ExternalID)
	}
	out, err := p.askForRole(ctx, p.newSTS(cfg), input)
	if err != nil {
		return cache.Session{}, err
	}
	s := p.roleSession(out)
	if offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata); offset.Abs() > skewNotice {
		s.ClockOffset = offset
		if from.ClockOffset == 0 {
			p.tellOffset(offset)
		}
	}
	return s, nil
}

// roleSession is what is kept of an answer. It has no Serial: whether MFA is
// seen in a role's session nobody says for sure, and the IAM User Guide says
// no (id_credentials_mfa_configure-api-require).
func (p *Provider) roleSession(out *sts.AssumeRoleOutput) cache.Session {
	s := cache.Session{
		Identity: p.Identity(), Profile: p.Source.Profile,
		AccessKeyID:     aws.ToString(out.Credentials.AccessKeyId),
		SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
		SessionToken:    aws.ToString(out.Credentials.SessionToken),
		Expiration:      aws.ToTime(out.Credentials.Expiration),
	}
	if user := out.AssumedRoleUser; user != nil {
		s.ARN, s.Account = aws.ToString(user.Arn), account(aws.ToString(user.Arn))
	}
	return s
}

// account returns the fifth field of an ARN.
func account(arn string) string {
	if fields := strings.Split(arn, ":"); len(fields) > 5 {
		return fields[4]
	}
	return ""
}

// inSessionName are the characters that STS takes in the name of a role's session.
const inSessionName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"

// sessionName is what CloudTrail shows of the person behind a role. By default
// it is the user's name: administrators ask for that in trust policies
// (sts:RoleSessionName, ${aws:username}).
func sessionName(role Role, from cache.Session) string {
	if role.SessionName != "" {
		return role.SessionName
	}
	name := from.ARN[strings.LastIndexByte(from.ARN, '/')+1:]
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(inSessionName, r) {
			return r
		}
		return -1
	}, name)
	if len(name) < 2 {
		return "git-credential-mfa"
	}
	return name[:min(len(name), 64)]
}

// askForRole calls AssumeRole. It spends no code, so it is tried again where
// that may help.
func (p *Provider) askForRole(ctx context.Context, client *sts.Client, input *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	corrected := false
	for call := 1; ; call++ {
		out, err := p.callForRole(ctx, client, input)
		if err == nil {
			return out, nil
		}
		kind := classifyRole(err)
		p.Trace("sts:AssumeRole, call %d: %v", call, reason(err))
		switch {
		case kind == ErrClock && !corrected:
			corrected = true // the client has learnt AWS's time from the answer
			continue
		case call < maxCalls && (kind == ErrThrottled || kind == ErrDown || kind == ErrUnreachable):
			if err := pause(ctx, time.Duration(call)*time.Second/2); err != nil {
				return nil, err
			}
			continue
		case kind == nil:
			return nil, errors.New(reason(err))
		case kind == ErrNoAnswer:
			kind = ErrUnreachable // there is no code that may have been used
		}
		return nil, fmt.Errorf("%w: %s", kind, reason(err))
	}
}

func (p *Provider) callForRole(ctx context.Context, client *sts.Client, input *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := client.AssumeRole(ctx, input)
	if err == nil && !usable(out.Credentials) {
		return nil, errUnusable
	}
	return out, err
}

// classifyRole knows what only AssumeRole answers.
func classifyRole(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "AccessDenied":
			return ErrRoleDenied
		case "ExpiredToken", "ExpiredTokenException":
			return ErrExpired
		}
	}
	return classify(err)
}
