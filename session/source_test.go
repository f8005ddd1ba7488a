package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProfileKey(t *testing.T) {
	file := `
[default]
mfa_process = of default
nested =
  mfa_process = of nobody
[profile a]
mfa_process=first
 mfa_process = indented
MFA_Process = ykman code ; comment
[profile "with space"]
mfa_process = quoted
[profile	tab]
mfa_process = tab
[sso-session a]
mfa_process = of a session
[profileb]
mfa_process = not a profile
[profile default]
mfa_session_duration = 3600 # an hour
`
	file = strings.Repeat("# a long line ", 10_000) + "\n" + file
	for profile, want := range map[string]string{
		"default": "of default", "a": "ykman code", "with space": "quoted", "tab": "tab", "b": "", "profileb": "", "nobody": "",
	} {
		if got := profileKey(file, profile, "mfa_process"); got != want {
			t.Errorf("%s: %q, want %q", profile, got, want)
		}
	}
	if got := profileKey(file, "default", "mfa_session_duration"); got != "3600" {
		t.Errorf("%q", got)
	}
}

func TestReadSource(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_CONFIG_FILE", write("config", `[default]
region = eu-west-1
mfa_serial = D
[profile work]
ca_bundle = /ca.pem
mfa_serial = W
[profile process]
credential_process = secret-tool lookup aws key
[profile role]
role_arn = arn:aws:iam::1:role/r
source_profile = work
`))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", write("credentials", `[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = s
[work]
aws_access_key_id = AKIAWORK
aws_secret_access_key = s
[pasted]
aws_access_key_id = ASIAPASTED
aws_secret_access_key = s
aws_session_token = t
`))
	for _, c := range []struct {
		name, option string
		env          map[string]string
		id, serial   string
		temporary    bool
		err          error
	}{
		{"default", "", nil, "AKIADEFAULT", "D", false, nil},
		{"named", "work", nil, "AKIAWORK", "W", false, nil},
		{"by AWS_PROFILE", "", map[string]string{"AWS_PROFILE": "work"}, "AKIAWORK", "W", false, nil},
		{"keys in the environment win over AWS_PROFILE", "", map[string]string{"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}, "AKIAENV", "W", false, nil},
		{"and lose against --profile", "work", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}, "AKIAWORK", "W", false, nil},
		{"half a key is none", "", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV"}, "AKIADEFAULT", "D", false, nil},
		{"temporary", "pasted", nil, "ASIAPASTED", "", true, nil},
		{"process", "process", nil, "profile\x00process\x00secret-tool lookup aws key", "", false, nil},
		{"role", "role", nil, "AKIAWORK", "W", false, nil},
		{"nobody", "nobody", nil, "", "", false, ErrNoProfile},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			got, err := ReadSource(context.Background(), c.option)
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			if err == nil && (got.ID != c.id || got.Serial != c.serial || got.Temporary() != c.temporary) {
				t.Errorf("id %q, serial %q, temporary %v", got.ID, got.Serial, got.Temporary())
			}
		})
	}
}
