package session

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

func TestWarning(t *testing.T) {
	awsFiles(t, roleConfig, roleCredentials)
	const secret = "AWS_SECRET_ACCESS_KEY"
	for _, c := range []struct {
		option string
		env    map[string]string
		want   string
	}{
		{"", nil, ""},
		{"", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", secret: "s"}, ""},
		{"", map[string]string{"AWS_PROFILE": "one"}, ""},
		{"", map[string]string{"AWS_PROFILE": "one", "AWS_ACCESS_KEY_ID": "AKIAENV", secret: "s"},
			`AWS_ACCESS_KEY_ID in the environment wins over the profile "one" of AWS_PROFILE: unset it, or use --profile`},
		{"one", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", secret: "s"}, ""},
		{"", map[string]string{"AWS_PROFILE": "one", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "r"},
			`AWS_WEB_IDENTITY_TOKEN_FILE in the environment wins over the profile "one" of AWS_PROFILE: unset it, or use --profile`},
		{"", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV"}, "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY, and is ignored"},
		{"", map[string]string{secret: "s"}, "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID, and is ignored"},
		{"", map[string]string{"AWS_SESSION_TOKEN": "t"}, "AWS_SESSION_TOKEN is set without AWS_ACCESS_KEY_ID, and is ignored"},
	} {
		t.Run(c.want, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			got, err := ReadSource(context.Background(), c.option)
			if err != nil || got.Warning != c.want {
				t.Errorf("%v: %q", err, got.Warning)
			}
			if got.Warning != "" && c.env["AWS_PROFILE"] != "" && len(got.Roles) > 0 {
				t.Error("the role of a profile that lost")
			}
		})
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
	t.Setenv(secret, "s")
	t.Setenv("AWS_SESSION_TOKEN", "t")
	_, err := ReadSource(context.Background(), "")
	if !errors.Is(err, awssource.ErrStrayToken) || !strings.Contains(err.Error(), "of the environment") {
		t.Error(err)
	}
}
