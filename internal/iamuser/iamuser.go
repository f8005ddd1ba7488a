// Package iamuser is what an IAM user does about their own access keys and MFA
// devices: the calls to IAM, and what its answers mean. Who is asked, and in
// which order, is for the caller.
//
// Under AWS's ForceMFA policy the calls for a device need no MFA, but for
// DeleteDevice, and those for access keys need it.
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

// callLimit bounds one call.
const callLimit = 20 * time.Second

var (
	// ErrDenied says that policies deny the call; Denied has its name.
	ErrDenied = errors.New("policies deny it")
	// ErrExists says that the account has such a device already.
	ErrExists = errors.New("there is such a device already")
	// ErrCodes says that the two codes are not those of the device in a row.
	ErrCodes = errors.New("the codes are not two in a row of this device")
	// ErrLimit says that the user has as many as AWS lets a user have.
	ErrLimit = errors.New("AWS lets a user have no more")
	// ErrGone says that IAM does not know the key or device.
	ErrGone = errors.New("IAM does not know it")
	// ErrNotUser is for credentials that are not an IAM user's: the root
	// user's, or those of a role.
	ErrNotUser = errors.New("these are not the credentials of an IAM user")
)

// Denied is the permission whose lack is behind an ErrDenied, as
// "iam:CreateAccessKey".
type Denied string

// Error names the permission.
func (d Denied) Error() string { return string(d) + ": " + ErrDenied.Error() }

// Unwrap is ErrDenied.
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

// User is who calls.
type User struct {
	// Name is the last part of the ARN, without the path.
	Name, ARN, Account string
}

// Whoami asks STS who calls; no policy can deny that. ErrNotUser is for whom
// the other calls are not meant.
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

// explain turns the error of a call into one of this package's, or of package
// session's where what mends it is the same.
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

// confirm returns an error unless IAM has answered. The SDK reads nothing in the
// answer to a call without output, so the page of a proxy would pass for one.
func confirm(permission string, answer middleware.Metadata) error {
	if _, ok := awsmiddleware.GetRequestIDMetadata(answer); !ok { // mutation: a page is no answer of IAM
		return fmt.Errorf("%s: %w: it has no request ID", permission, session.IAMError{OfSTS: session.ErrNotSTS})
	}
	return nil
}
