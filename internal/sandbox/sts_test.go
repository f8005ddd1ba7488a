package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// configOf returns the SDK's configuration for a set of keys.
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

// getSession calls GetSessionToken. Without a device, the session has no MFA.
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

// wantError checks the SDK's error for an error answer.
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

func TestGetSessionToken(t *testing.T) {
	w, u, d := start(t)
	w.SetTokenSize(4200)
	c := getSession(t, u, d)
	if !strings.HasPrefix(*c.AccessKeyId, "ASIA") || len(*c.AccessKeyId) != 20 || len(*c.SecretAccessKey) != 40 || len(*c.SessionToken) != 4200 {
		t.Errorf("%d %d %d", len(*c.AccessKeyId), len(*c.SecretAccessKey), len(*c.SessionToken))
	}
	if left := c.Expiration.Sub(w.Clock.Now()); left > 12*time.Hour || left < 12*time.Hour-time.Minute {
		t.Errorf("%v left", left)
	}
	who, err := sts.NewFromConfig(sessionConfig(w, c)).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:iam::123456789012:user/alice" || *who.Account != Account {
		t.Errorf("%v %v", who, err)
	}
	if n := w.Count(STS, "GetSessionToken"); n != 1 {
		t.Errorf("%d calls counted", n)
	}
	w.SetSessionLifetime(time.Minute)
	if c := getSession(t, u, nil); c.Expiration.Sub(w.Clock.Now()) > time.Minute {
		t.Errorf("expires %v", c.Expiration)
	}
}

const (
	badCode   = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	badSerial = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	badSecret = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	badKey    = "The security token included in the request is invalid."
)

func TestGetSessionTokenRefusals(t *testing.T) {
	w, u, d := start(t)
	fido := u.AddDevice("arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGH")
	other := w.AddUser("bob").AddDevice("GAHT12345678")
	spent := d.Code()
	client := sts.NewFromConfig(u.config())
	if _, err := client.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: &d.Serial, TokenCode: &spent}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		serial, tokenCode string
		seconds           int32
		status            int
		code, message     string
	}{
		{d.Serial, spent, 0, 403, "AccessDenied", badCode},
		{other.Serial, other.Code(), 0, 403, "AccessDenied", badSerial},
		{fido.Serial, "123456", 0, 403, "AccessDenied", badSerial},
		{u.ARN(), "123456", 0, 403, "AccessDenied", badSerial},
		{d.Serial, "", 0, 400, "ValidationError", "MFA requires both SerialNumber and TokenCode."},
		{d.Serial, "12345x", 0, 400, "ValidationError", `1 validation error detected: Value '12345x' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\d]*`},
		{d.Serial, "1234567", 0, 400, "ValidationError", `1 validation error detected: Value '1234567' at 'tokenCode' failed to satisfy constraint: Member must have length less than or equal to 6`},
		{"", "", 899, 400, "ValidationError", `1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`},
		{"short", "x", 129601, 400, "ValidationError", `4 validation errors detected: Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600; Value 'short' at 'serialNumber' failed to satisfy constraint: Member must have length greater than or equal to 9; Value 'x' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\d]*; Value 'x' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6`},
	} {
		input := &sts.GetSessionTokenInput{}
		if c.serial != "" {
			input.SerialNumber = &c.serial
		}
		if c.tokenCode != "" {
			input.TokenCode = &c.tokenCode
		}
		if c.seconds != 0 {
			input.DurationSeconds = &c.seconds
		}
		_, err := client.GetSessionToken(t.Context(), input)
		wantError(t, err, c.status, c.code, c.message)
	}
}

func TestCredentialsRefusals(t *testing.T) {
	w, u, _ := start(t)
	s := getSession(t, u, nil)
	get := func(c aws.Config) error {
		_, err := sts.NewFromConfig(c).GetSessionToken(t.Context(), nil)
		return err
	}
	wantError(t, get(sessionConfig(w, s)), 403, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	wantError(t, get(configOf(w, "AKIAUNKNOWN", "x", "")), 403, "InvalidClientTokenId", badKey)
	wantError(t, get(configOf(w, *s.AccessKeyId, *s.SecretAccessKey, "other")), 403, "InvalidClientTokenId", badKey)
	wantError(t, get(configOf(w, u.AccessKeyID, u.SecretAccessKey, *s.SessionToken)), 403, "InvalidClientTokenId", badKey)
	wantError(t, get(configOf(w, u.AccessKeyID, "wrong", "")), 403, "SignatureDoesNotMatch", badSecret)

	china := u.config()
	china.Region = "cn-north-1"
	wantError(t, get(china), 403, "InvalidClientTokenId", badKey)
	if err := get(func() aws.Config { c := w.AddUserIn("aws-cn", "li").config(); c.Region = "cn-north-1"; return c }()); err != nil {
		t.Error(err)
	}

	w.SetRegionActive("us-east-1", false)
	wantError(t, get(u.config()), 403, "RegionDisabledException", "STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.")
	w.SetRegionActive("us-east-1", true)
	u.SetKeyActive(u.AccessKeyID, false)
	wantError(t, get(u.config()), 403, "InvalidClientTokenId", badKey)
	u.SetKeyActive(u.AccessKeyID, true)

	wrong := sts.NewFromConfig(u.config(), func(o *sts.Options) {
		o.Region = "eu-west-1"
		o.BaseEndpoint = aws.String("https://sts.us-east-1.amazonaws.com")
	})
	_, err := wrong.GetSessionToken(t.Context(), nil)
	wantError(t, err, 403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ")
}
