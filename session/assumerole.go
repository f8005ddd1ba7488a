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

// assumeFrom assumes the role with the credentials of from, and asks for a code
// if it takes one.
func (x *exchange) assumeFrom(ctx context.Context, from cache.Session) (cache.Session, error) {
	role, partition := x.role(), codecommit.Partition(x.Region)
	if role.partition() != partition {
		return cache.Session{}, fmt.Errorf("%w: %q, and the region %s is of %q", ErrPartition, role.partition(), x.Region, partition)
	}
	cfg, err := x.Config(ctx)
	if err != nil {
		return cache.Session{}, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	cfg.Credentials = fixed(Credentials(from))
	x.client = x.newSTS(cfg)
	if !x.takesCode(from) {
		return x.assumeRole(ctx, from, "", "")
	}
	serial := x.roleSerial()
	if IsFIDO(serial) {
		return cache.Session{}, fmt.Errorf("using the MFA device %s: %w", serial, ErrFIDO)
	}
	x.buy = func(ctx context.Context, serial, code string) (cache.Session, error) {
		return x.assumeRole(ctx, from, serial, code)
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeLimit)
	defer cancel()
	return x.tries(ctx, serial)
}

// assumeRole calls AssumeRole, with a code unless serial is "".
func (x *exchange) assumeRole(ctx context.Context, from cache.Session, serial, code string) (cache.Session, error) {
	role := x.role()
	input := &sts.AssumeRoleInput{
		RoleArn: aws.String(role.ARN), RoleSessionName: aws.String(sessionName(role, from)),
		DurationSeconds: aws.Int32(int32(role.Duration / time.Second)),
	}
	if role.ExternalID != "" {
		input.ExternalId = aws.String(role.ExternalID)
	}
	if serial != "" {
		input.SerialNumber, input.TokenCode = aws.String(serial), aws.String(code)
	}
	out, err := x.askForRole(ctx, x.client, input)
	if errors.Is(err, ErrRoleDenied) && serial == "" && from.Serial == "" && len(x.Source.Roles) == 1 {
		err = roleWithoutMFA{err}
	}
	if err != nil {
		return cache.Session{}, err
	}
	s := x.roleSession(out)
	s.Serial, s.SpentCode = serial, code
	if offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata); offset.Abs() > skewNotice {
		s.ClockOffset = offset
		if from.ClockOffset == 0 {
			x.tellOffset(offset)
		}
	}
	return s, nil
}

// roleWithoutMFA is a role that STS denied to temporary credentials without a
// code: its trust policy may ask for MFA.
type roleWithoutMFA struct{ error }

func (e roleWithoutMFA) Unwrap() []error { return []error{e.error, ErrNoCode} }

// roleSession is what is kept of an answer.
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

// askForRole calls AssumeRole.
func (p *Provider) askForRole(ctx context.Context, client *sts.Client, input *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	var out *sts.AssumeRoleOutput
	err := p.send(ctx, call{"AssumeRole", input.TokenCode != nil, classifyRole, func(ctx context.Context) (err error) {
		out, err = client.AssumeRole(ctx, input)
		if err == nil && !usable(out.Credentials) {
			return errUnusable
		}
		return err
	}})
	return out, err
}

// classifyRole knows what only AssumeRole answers. A code that is refused is an
// AccessDenied too.
func classifyRole(err error) error {
	if kind := classify(err); kind != nil {
		return kind
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return nil
	}
	switch api.ErrorCode() {
	case "AccessDenied":
		return ErrRoleDenied
	case "ExpiredToken", "ExpiredTokenException":
		return ErrExpired
	}
	return nil
}
