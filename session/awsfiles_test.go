package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// awsFiles makes an environment in which nothing but these files is AWS's.
func awsFiles(t *testing.T, config, credentials string) {
	t.Helper()
	dir := t.TempDir()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	for name, text := range map[string]string{"config": config, "credentials": credentials} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
}

const (
	roleConfig = `[default]
region = eu-west-1
[profile one]
role_arn = arn:aws:iam::1:role/one
source_profile = default
mfa_serial = ONE
duration_seconds = 900
[profile two]
role_arn = arn:aws:iam::2:role/two
source_profile = one
mfa_serial = TWO
external_id = e
role_session_name = s
duration_seconds = 43200
[profile itself]
role_arn = arn:aws:iam::1:role/itself
source_profile = itself
[profile own]
role_arn = arn:aws-cn:iam::1:role/own
mfa_serial = OWN
[profile machine]
role_arn = arn:aws:iam::1:role/machine
credential_source = Ec2InstanceMetadata
[profile over-machine]
role_arn = arn:aws:iam::1:role/over
source_profile = machine
[profile web]
role_arn = arn:aws:iam::1:role/web
web_identity_token_file = /token
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 1
sso_role_name = r
[profile over-sso]
role_arn = arn:aws:iam::1:role/over-sso
source_profile = sso
[profile sso-itself]
role_arn = arn:aws:iam::1:role/x
source_profile = sso-itself
sso_start_url = https://example.awsapps.com/start
[profile lost]
role_arn = arn:aws:iam::1:role/lost
source_profile = nobody
[profile empty]
region = eu-west-1
[profile over-empty]
role_arn = arn:aws:iam::1:role/x
source_profile = empty
[profile pasted]
role_arn = arn:aws:iam::1:role/x
source_profile = temporary
[profile hour]
role_arn = arn:aws:iam::1:role/x
source_profile = default
duration_seconds = soon
`
	roleCredentials = `[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = s
[itself]
aws_access_key_id = AKIAITSELF
aws_secret_access_key = s
[own]
aws_access_key_id = AKIAOWN
aws_secret_access_key = s
[temporary]
aws_access_key_id = ASIATEMPORARY
aws_secret_access_key = s
aws_session_token = t
[stray]
aws_access_key_id = AKIASTRAY
aws_secret_access_key = s
aws_session_token = t
[no-token]
aws_access_key_id = ASIANOTOKEN
aws_secret_access_key = s
`
)
