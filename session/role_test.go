package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
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

func TestReadSourceOfRoles(t *testing.T) {
	awsFiles(t, roleConfig, roleCredentials)
	one := Role{"one", "arn:aws:iam::1:role/one", "", "", 15 * time.Minute}
	for profile, want := range map[string]struct {
		roles                    []Role
		base, id, serial, region string
	}{
		"default": {nil, "default", "AKIADEFAULT", "", "eu-west-1"},
		"one":     {[]Role{one}, "default", "AKIADEFAULT", "ONE", "eu-west-1"},
		"two":     {[]Role{one, {"two", "arn:aws:iam::2:role/two", "e", "s", time.Hour}}, "default", "AKIADEFAULT", "ONE", "eu-west-1"},
		"itself":  {[]Role{{"itself", "arn:aws:iam::1:role/itself", "", "", time.Hour}}, "itself", "AKIAITSELF", "", ""},
		"own":     {[]Role{{"own", "arn:aws-cn:iam::1:role/own", "", "", time.Hour}}, "own", "AKIAOWN", "OWN", "cn-north-1"},
		"machine": {nil, "machine", "", "", ""},
		"over-machine": {[]Role{{"over-machine", "arn:aws:iam::1:role/over", "", "", time.Hour}},
			"machine", "", "", ""},
		"web":        {nil, "web", "", "", ""},
		"over-sso":   {[]Role{{"over-sso", "arn:aws:iam::1:role/over-sso", "", "", time.Hour}}, "sso", "", "", ""},
		"sso-itself": {nil, "sso-itself", "", "", ""},
		"pasted":     {[]Role{{"pasted", "arn:aws:iam::1:role/x", "", "", time.Hour}}, "temporary", "ASIATEMPORARY", "", ""},
		"hour":       {[]Role{{"hour", "arn:aws:iam::1:role/x", "", "", time.Hour}}, "default", "AKIADEFAULT", "", "eu-west-1"},
	} {
		got, err := ReadSource(context.Background(), profile)
		if err != nil || !reflect.DeepEqual(got.Roles, want.roles) || got.Base != want.base || got.Keys.AccessKeyID != want.id ||
			got.RoleSerial != want.serial || got.Region != want.region || got.Temporary() {
			t.Errorf("%s: %v %+v", profile, err, got)
		}
	}
	for profile, want := range map[string]struct {
		err  error
		text string
	}{
		"lost":       {ErrNoProfile, `reading the AWS profile "lost": its source_profile "nobody": there is no such profile`},
		"over-empty": {ErrNoCredentials, `reading the AWS profile "over-empty": its source_profile "empty": no AWS credentials`},
		"stray":      {ErrStrayToken, `reading the AWS credentials of profile "stray": a session token stands beside an access key that has none`},
		"no-token":   {ErrNoToken, `reading the AWS credentials of profile "no-token": the access key is temporary, and its session token is missing`},
	} {
		if _, err := ReadSource(context.Background(), profile); !errors.Is(err, want.err) || err.Error() != want.text {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

// What a session is shared by is its name: a role's base is the source's own
// session, and each setting of a role makes another.
func TestIdentitiesOfRoles(t *testing.T) {
	awsFiles(t, roleConfig, roleCredentials)
	provider := func(profile string) *Provider {
		source, err := ReadSource(context.Background(), profile)
		if err != nil {
			t.Fatal(err)
		}
		return &Provider{Source: source, Serial: source.Serial, Region: "eu-west-1"}
	}
	own, one, two := provider("default"), provider("one"), provider("two")
	if two.From().Identity() != one.Identity() || one.From().Identity() != own.Identity() || own.From() != nil {
		t.Errorf("%+v\n%+v\n%+v", two.From().Identity(), one.Identity(), own.Identity())
	}
	if p := two.From().Source.Profile; p != "one" || two.From().From().Source.Profile != "default" {
		t.Errorf("from profile %q", p)
	}
	if got := provider("over-sso").From(); got.Identity() != provider("sso").Identity() || got.Source.Temporary() {
		t.Errorf("%+v", got.Identity())
	}
	if !provider("pasted").From().Source.Temporary() {
		t.Error("pasted keys are not taken as they are")
	}
	base := Source{ID: "A", Roles: []Role{{ARN: "x"}, {ARN: "y"}}}
	seen := map[cache.Identity]bool{}
	for _, change := range []func(s *Source){
		func(*Source) {},
		func(s *Source) { s.Roles = s.Roles[:1] },
		func(s *Source) { s.Roles = s.Roles[1:] },
		func(s *Source) { s.Roles[0].ExternalID = "e" },
		func(s *Source) { s.Roles[1].ExternalID = "e" },
		func(s *Source) { s.Roles[0].SessionName = "e" },
		func(s *Source) { s.Roles[1].SessionName = "e" },
		func(s *Source) { s.ID = "B" },
	} {
		s := base
		s.Roles = append([]Role(nil), base.Roles...)
		change(&s)
		id := (&Provider{Source: s}).Identity()
		if seen[id] {
			t.Errorf("two chains are called %+v", id)
		}
		seen[id] = true
	}
}

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
		{"", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAENV"}, "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY, and not used"},
		{"", map[string]string{secret: "s"}, "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID, and not used"},
		{"", map[string]string{"AWS_SESSION_TOKEN": "t"}, "AWS_SESSION_TOKEN is set without AWS_ACCESS_KEY_ID, and not used"},
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
	if !errors.Is(err, ErrStrayToken) || !strings.Contains(err.Error(), "of the environment") {
		t.Error(err)
	}
}

func TestSessionName(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:iam::1:user/path/alice":               "alice",
		"arn:aws:iam::1:user/al ice\x00":               "alice",
		"arn:aws:sts::1:assumed-role/r/al@example.com": "al@example.com",
		"arn:aws:iam::1:user/a":                        "git-credential-mfa",
		"":                                             "git-credential-mfa",
		"arn:aws:iam::1:user/" + strings.Repeat("u", 65): strings.Repeat("u", 64),
	} {
		if got := sessionName(Role{}, cache.Session{ARN: arn}); got != want {
			t.Errorf("%q: %q, want %q", arn, got, want)
		}
	}
	if got := sessionName(Role{SessionName: "mine"}, cache.Session{ARN: "x/alice"}); got != "mine" {
		t.Error(got)
	}
}
