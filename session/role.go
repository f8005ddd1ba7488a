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
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

var (
	// ErrRole is for a role that another process, which this one waited for, could
	// not assume.
	ErrRole = errors.New("the role could not be assumed")
	// ErrRoleDenied is for a role that policies deny or that does not exist: STS
	// gives the same answer.
	ErrRoleDenied = errors.New("STS denies it, or there is no such role")
	// ErrNoCode comes with ErrRoleDenied if no code was sent, and the credentials
	// are not known to carry MFA.
	ErrNoCode = errors.New("no MFA code was given for the role")
	// ErrPartition is for a role in another partition than the host: credentials
	// are valid in one partition only.
	ErrPartition = errors.New("the role is of another AWS partition")
	// ErrNoLogin is for a profile with login_session without a login.
	ErrNoLogin = errors.New("there is no session of aws login")
	// ErrExpired is for credentials that have expired.
	ErrExpired = errors.New("the credentials have expired")
)

// From returns the provider of the credentials that the role is assumed with, or
// nil if there is no role. Roles with the same source share its session, so that
// one code serves them all.
func (p *Provider) From() *Provider {
	last := len(p.Source.Roles) - 1
	if last < 0 {
		return nil
	}
	from := *p
	from.Source.Roles = p.Source.Roles[:last]
	from.Source.Profile = p.Source.Base
	if last > 0 {
		from.Source.Profile = p.Source.Roles[last-1].Profile
	}
	return &from
}

// assume takes the role's own lock, looks again, gets the credentials to assume
// the role with, and assumes it. Getting them may take another lock. Locks are
// always taken from the longest chain to the shortest, so that no two processes
// wait for each other.
func (p *Provider) assume(ctx context.Context, look func() (cache.Session, error), want Want) (cache.Session, error) {
	held, err := p.lock(ctx)
	if err != nil {
		return cache.Session{}, err
	}
	defer held.Unlock()
	recent, err := p.refused(held)
	if err != nil {
		return cache.Session{}, err
	}
	old, lookErr := look() // mutation: second look after the lock of a role
	if lookErr == nil {
		return old, nil
	}
	if want == Checked {
		want = Kept // for the session that the role is assumed with
	}
	from, err := p.From().Session(ctx, want)
	if err != nil {
		return cache.Session{}, err
	}
	x := exchange{Provider: p, recent: recent, keyringFailed: failed(lookErr), spent: old.SpentCode}
	s, err := x.assumeFrom(ctx, from)
	switch {
	case err != nil:
		return s, p.noteFailure(held, fmt.Errorf("assuming the role %s: %w", p.role().ARN, err), lookErr)
	case x.keyringFailed && s.Serial != "":
		return s, p.usedOnce(held, lookErr)
	case x.keyringFailed:
		p.Trace("the role's credentials are not kept: %v", lookErr) // the person was told about the source's session
		return s, nil
	}
	return s, x.unkept(p.keep(held, s))
}

func (p *Provider) role() awssource.Role { return p.Source.Roles[len(p.Source.Roles)-1] }

// codeAtRole reports whether AssumeRole may take the code itself: the role's
// profile names a device, and the source is not known to be a long-term key, for
// which there is a session.
func (p *Provider) codeAtRole() bool {
	longTerm := p.Source.Stored || p.Source.Keys.HasKeys() && p.Source.Keys.SessionToken == ""
	return len(p.Source.Roles) == 1 && p.Source.RoleSerial.Text != "" && !longTerm
}

// takesCode reports whether AssumeRole takes the code, as in the AWS CLI: the
// source keys are temporary, and not a session of this program's, whose MFA the
// trust policy sees anyway.
func (p *Provider) takesCode(from cache.Session) bool {
	return p.codeAtRole() && from.SessionToken != "" && from.Serial == "" // mutation: the code of a role
}

// assumeFrom assumes the role with the credentials of from, and asks for a code if
// AssumeRole takes one.
func (x *exchange) assumeFrom(ctx context.Context, from cache.Session) (cache.Session, error) {
	role, partition := x.role(), codecommit.Partition(x.Region)
	if role.Partition() != partition {
		return cache.Session{}, fmt.Errorf("%w: %q, and the region %s is of %q", ErrPartition, role.Partition(), x.Region, partition)
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
	offset, _ := awsmiddleware.GetAttemptSkew(out.ResultMetadata)
	s, err := x.newSession(out.Credentials, role.Duration, offset)
	if err != nil {
		return cache.Session{}, err
	}
	s.Serial, s.SpentCode = serial, code
	if user := out.AssumedRoleUser; user != nil {
		s.ARN, s.Account = aws.ToString(user.Arn), account(aws.ToString(user.Arn))
	}
	if s.ClockOffset != 0 && from.ClockOffset == 0 {
		x.tellOffset(s.ClockOffset)
	}
	return s, nil
}

// roleWithoutMFA is the error for a role that STS denied to temporary credentials
// without a code. The trust policy may require MFA.
type roleWithoutMFA struct{ error }

func (e roleWithoutMFA) Unwrap() []error { return []error{e.error, ErrNoCode} }

// account returns the fifth field of an ARN.
func account(arn string) string {
	if fields := strings.Split(arn, ":"); len(fields) > 5 {
		return fields[4]
	}
	return ""
}

// inSessionName are the characters that STS allows in the name of a role's
// session.
const inSessionName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"

// sessionName returns the name of a role's session, which CloudTrail shows. By
// default it is the user's name, as trust policies may require
// (sts:RoleSessionName, ${aws:username}).
func sessionName(role awssource.Role, from cache.Session) string {
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

// classifyRole is classify, with the errors that only AssumeRole has. A refused
// code is an AccessDenied too, so classify comes first.
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
