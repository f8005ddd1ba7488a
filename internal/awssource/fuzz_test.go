package awssource

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// seeds are configuration files of the shapes that people have.
var seeds = []string{
	"", "[", "[profile", "[default]\nmfa_process = p", "[profile work]\r\nmfa_process = op item get x --otp # note\r\n",
	"[profile 'work']\nmfa_process=a\n  nested = b\n[profile work]\nMFA_PROCESS = c ; d",
	"[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n[default]\naws_access_key_id=AKIA\naws_secret_access_key=s\n",
	"[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n[profile work]\nsource_profile=work\nrole_arn=x\naws_access_key_id=k\naws_secret_access_key=s",
	"[profile work]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_region=r\nsso_start_url=u\n",
	"[profile work]\ncredential_process = x\nmfa_serial = s\nduration_seconds = 99999999999\n", "[profile work]\nduration_seconds = -1\nrole_arn=a:b\naws_access_key_id=k\naws_secret_access_key=s",
	"[default]\nmfa_process = " + strings.Repeat("x", 70000), "\x00[default]\n=\n",
}

// FuzzRead: whatever stands in ~/.aws/config, the reading ends, in an
// error or in a source whose roles and keys make a name for the keyring.
func FuzzRead(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "work")
	}
	f.Fuzz(func(t *testing.T, text, profile string) {
		if strings.ContainsRune(profile, 0) || !utf8.ValidString(profile) {
			return
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "config")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_CONFIG_FILE", file)
		t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
		for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} {
			t.Setenv(name, "")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		source, err := Read(ctx, profile)
		if err != nil {
			return
		}
		for _, role := range source.Roles {
			if role.ARN == "" || role.Duration < minRoleDuration || role.Duration > maxRoleDuration {
				t.Errorf("%+v", role)
			}
		}
		if source.Identity("us-east-1", "").Key() == "" || source.ID == "" {
			t.Error("no name")
		}
	})
}
