package sandbox

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// configOf is the SDK's configuration for a set of keys.
func configOf(w *World, keyID, secret, token string) aws.Config {
	return aws.Config{
		Region:           "us-east-1",
		HTTPClient:       w.HTTPClient(),
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret, SessionToken: token}, nil
		}),
	}
}

func (u *User) config() aws.Config { return configOf(u.world, u.AccessKeyID, u.SecretAccessKey, "") }

func sessionConfig(w *World, c *types.Credentials) aws.Config {
	return configOf(w, *c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

// getSession calls GetSessionToken; without a device, a session without MFA.
func getSession(t *testing.T, u *User, d *Device) *types.Credentials {
	t.Helper()
	input := &sts.GetSessionTokenInput{}
	if d != nil {
		code, err := d.WaitCode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		input.SerialNumber, input.TokenCode = &d.Serial, &code
	}
	out, err := sts.NewFromConfig(u.config()).GetSessionToken(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	return out.Credentials
}

// wantError checks what the SDK makes of an error answer.
func wantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var apiError smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &apiError) || !errors.As(err, &response) {
		t.Errorf("got %v, want %s", err, code)
		return
	}
	if response.HTTPStatusCode() != status || apiError.ErrorCode() != code || apiError.ErrorMessage() != message {
		t.Errorf("got %d %s %q\nwant %d %s %q", response.HTTPStatusCode(), apiError.ErrorCode(), apiError.ErrorMessage(), status, code, message)
	}
}
