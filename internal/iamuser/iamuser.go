// Package iamuser manages an IAM user's own access keys and MFA devices: it calls
// IAM, and returns its errors as values. The order of the calls, and questions to
// the person, are up to the caller.
//
// Under AWS's ForceMFA policy the calls for access keys and DeleteDevice need MFA;
// the other calls for devices do not.
package iamuser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// callLimit is the time limit of one call.
const callLimit = 20 * time.Second

var (
	// ErrDenied is for a call that policies deny. Denied has the permission.
	ErrDenied = errors.New("policies deny it")
	// ErrExists is for a device whose name the account already has.
	ErrExists = errors.New("there is such a device already")
	// ErrCodes is for two codes that are not consecutive codes of the device.
	ErrCodes = errors.New("the codes are not two in a row of this device")
	// ErrLimit is for a user who has as many keys or devices as AWS allows.
	ErrLimit = errors.New("AWS lets a user have no more")
	// ErrGone is for a key or a device that IAM does not know.
	ErrGone = errors.New("IAM does not know it")
	// ErrNotUser is for credentials of the root user or of a role.
	ErrNotUser = errors.New("these are not the credentials of an IAM user")
)

// Denied is ErrDenied with the missing permission, such as
// "iam:CreateAccessKey".
type Denied string

// Error returns the permission and ErrDenied.
func (d Denied) Error() string { return string(d) + ": " + ErrDenied.Error() }

// Unwrap returns ErrDenied.
func (d Denied) Unwrap() error { return ErrDenied }

// Client calls IAM and STS as one user.
type Client struct {
	iam *iam.Client
	sts *sts.Client
}

// New returns a client for the credentials of a configuration. IAM's endpoint
// is that of the configuration's partition.
func New(cfg aws.Config, fips bool) *Client {
	state := aws.FIPSEndpointStateUnset
	if fips {
		state = aws.FIPSEndpointStateEnabled
	}
	return &Client{
		iam: iam.NewFromConfig(cfg, func(o *iam.Options) { o.EndpointOptions.UseFIPSEndpoint = state }),
		sts: sts.NewFromConfig(cfg, func(o *sts.Options) { o.EndpointOptions.UseFIPSEndpoint = state }),
	}
}

// User is the user whose credentials are in use.
type User struct {
	// Name is the last part of the ARN, without the path.
	Name, ARN, Account string
}

// Whoami returns the user whose credentials are in use, by STS, which no policy
// can deny. The error is ErrNotUser if it is not an IAM user.
func (c *Client) Whoami(ctx context.Context) (User, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	out, err := c.sts.GetCallerIdentity(ctx, nil)
	if err != nil {
		return User{}, explain("sts:GetCallerIdentity", err)
	}
	u := User{ARN: aws.ToString(out.Arn), Account: aws.ToString(out.Account)}
	u.Name = u.ARN[strings.LastIndexByte(u.ARN, '/')+1:]
	if !strings.Contains(u.ARN, ":user/") {
		return u, fmt.Errorf("%w: %s", ErrNotUser, u.ARN)
	}
	return u, nil
}

// explain returns an error of this package for that of a call, or one of package
// session, whose hints then apply.
func explain(permission string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "AccessDenied":
			return Denied(permission)
		case "EntityAlreadyExists":
			return ErrExists
		case "InvalidAuthenticationCode":
			return ErrCodes
		case "LimitExceeded":
			return ErrLimit
		case "NoSuchEntity":
			return ErrGone
		}
	}
	words, kind := session.Explain(err)
	switch kind {
	case nil:
		return fmt.Errorf("%s: %s", permission, words)
	case session.ErrKey, session.ErrSecret:
		return kind
	case session.ErrNoAnswer:
		kind = session.ErrUnreachable // no code was in the call
	}
	if strings.HasPrefix(permission, "iam:") {
		kind = session.IAMError{OfSTS: kind}
	}
	return fmt.Errorf("%s: %w: %s", permission, kind, words)
}

// confirm returns an error if an answer is not IAM's. The SDK does not read the
// answer to a call without output, so it takes a proxy's page for success.
func confirm(permission string, answer middleware.Metadata) error {
	if _, ok := awsmiddleware.GetRequestIDMetadata(answer); !ok { // mutation: a page is no answer of IAM
		return fmt.Errorf("%s: %w: it has no request ID", permission, session.IAMError{OfSTS: session.ErrNotSTS})
	}
	return nil
}
