package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

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
[profile stored]
mfa_access_key_id = AKIASTORED
mfa_serial = S
credential_process = "/opt/git-credential-mfa" --profile stored credential-process
[profile stored-too]
mfa_access_key_id = AKIASTORED
credential_process = "/opt/git-credential-mfa" --profile stored credential-process
[profile over-stored]
role_arn = arn:aws:iam::1:role/r
source_profile = stored
[profile both]
mfa_access_key_id = AKIASTORED
credential_process = "/opt/git-credential-mfa" --profile both credential-process
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
[both]
aws_access_key_id = AKIABOTH
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
		{"stored", "stored", nil, "AKIASTORED", "S", false, nil},
		{"another's line", "stored-too", nil, "profile\x00stored-too\x00\"/opt/git-credential-mfa\" --profile stored credential-process", "", false, nil},
		{"role over stored", "over-stored", nil, "AKIASTORED", "S", false, nil},
		{"stored, and still in the file", "both", nil, "AKIABOTH", "", false, nil},
		{"role", "role", nil, "AKIAWORK", "W", false, nil},
		{"nobody", "nobody", nil, "", "", false, awssource.ErrNoProfile},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			got, err := ReadSource(context.Background(), c.option)
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			if err == nil && (got.ID != c.id || got.Serial.Text != c.serial || got.Temporary() != c.temporary) {
				t.Errorf("id %q, serial %q, temporary %v", got.ID, got.Serial, got.Temporary())
			}
		})
	}
}

// What the AWS files say otherwise than their writer meant is in the error.
func TestReadSourceSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name, config, credentials, option string
		err                               error
		text                              string
	}{
		{"[work] in config", "[work]\nregion = x\n", "", "work", awsfile.NoProfile, "config:1: [work] is not read: in this file a profile's section is [profile work]"},
		{"[profile work] in credentials", "", "[profile work]\naws_access_key_id = AKIA\naws_secret_access_key = s\n", "work", awsfile.NoProfile, "credentials:1: [profile work] is not read"},
		{"BOM", "", "\xef\xbb\xbf[work]\naws_access_key_id = AKIA\naws_secret_access_key = s\n", "work", awsfile.NoProfile, "byte order mark"},
		{"source_profile without role_arn", "[profile dev]\nsource_profile = base\n[profile base]\n", "", "dev", awsfile.NoRole, "config:2: source_profile is for profiles with role_arn, and there is none"},
		{"a quote", "[default]\nregion = \"\n", "", "", awsfile.LoneQuote, "config:2: the value is a single quote"},
	} {
		awsFiles(t, c.config, c.credentials)
		if _, err := ReadSource(context.Background(), c.option); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// Nothing is missing where no profile was named; but the reason is not lost.
	awsFiles(t, "", "\xef\xbb\xbf[default]\naws_access_key_id = AKIA\naws_secret_access_key = s\n")
	source, err := ReadSource(context.Background(), "")
	if none := source.NoCredentials(); err != nil || !source.Unset || !errors.Is(none, ErrNoCredentials) || !errors.Is(none, awsfile.ByteOrderMark) {
		t.Error(err, none)
	}
}

func TestQuotedProfile(t *testing.T) {
	awsFiles(t, "[profile 'my team']\nmfa_serial = M\nmfa_process = p\n", "[my team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = s\n")
	source, err := ReadSource(context.Background(), "my team")
	if err != nil || source.Keys.AccessKeyID != "AKIATEAM" || source.Serial.Text != "M" || source.Own("mfa_process").Text != "p" || source.SDKProfile != "my team" {
		t.Errorf("%+v %v", source, err)
	}
	awsFiles(t, "[profile 'my team']\ncredential_process = p\n", "")
	source, err = ReadSource(context.Background(), "my team")
	if err != nil || source.SDKProfile != "'my team'" || source.Profile != "my team" || !source.Elsewhere {
		t.Errorf("%+v %v", source, err)
	}
}

func TestRegions(t *testing.T) {
	for _, c := range []struct{ config, variable, value, hint string }{
		{"", "AWS_REGION", "None", shell.Here.Set("AWS_REGION", "us-east-1") + ", or " + shell.Here.Unset("AWS_REGION")},
		{"", "AWS_DEFAULT_REGION", "us-east-1a", shell.Here.Set("AWS_DEFAULT_REGION", "us-east-1") + ", or " + shell.Here.Unset("AWS_DEFAULT_REGION")},
		{"[default]\nregion = eu-west-3b\n", "", "", "aws configure set region eu-west-3 --profile default"},
	} {
		awsFiles(t, c.config, "")
		if c.variable != "" {
			t.Setenv(c.variable, c.value)
		}
		source, err := ReadSource(context.Background(), "")
		if err == nil {
			err = source.CheckRegion()
		}
		if !errors.Is(err, awssource.ErrBadRegion) || source.RegionHint() != c.hint {
			t.Errorf("%+v: %v (%s)", c, err, source.RegionHint())
		}
		if c.variable != "" {
			t.Setenv(c.variable, "")
		}
	}
	awsFiles(t, "[default]\nregion = us-gov-west-1\n", "")
	if source, err := ReadSource(context.Background(), ""); err != nil || source.CheckRegion() != nil {
		t.Error(err, source.CheckRegion())
	}
}

func TestMFALogin(t *testing.T) {
	keys := "aws_access_key_id = ASIAX\naws_secret_access_key = s\naws_session_token = t\n"
	awsFiles(t, "", "[work]\naws_access_key_id = AKIAX\naws_secret_access_key = s\n[210987654321-alice-phone]\n"+keys+"[other]\n"+keys)
	for profile, want := range map[string]bool{"210987654321-alice-phone": true, "other": false, "work": false} {
		source, err := ReadSource(context.Background(), profile)
		if err != nil || source.MFALogin() != want || !slices.Equal(source.LongTermProfiles(), []string{"work"}) {
			t.Error(profile, err, source.MFALogin(), source.LongTermProfiles())
		}
	}
}

func TestConfiguredEndpoints(t *testing.T) {
	awsFiles(t, "[default]\nendpoint_url = http://127.0.0.1:4566\n", "")
	source, err := ReadSource(context.Background(), "")
	if v := source.Endpoint("sts"); err != nil || v.Text != "http://127.0.0.1:4566" || v.Line != 2 {
		t.Error(v, err)
	}
	t.Setenv("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:1")
	if v := source.Endpoint("iam"); v.Text != "http://127.0.0.1:1" || v.String() != "AWS_ENDPOINT_URL_IAM" {
		t.Error(v)
	}
}

// TestCheckEndpoints: over plain http whoever is on the way reads the code; on
// the loopback there is nobody.
func TestCheckEndpoints(t *testing.T) {
	for name, c := range map[string]struct{ variable, value, config, setting string }{
		"none":                 {},
		"https":                {variable: "AWS_ENDPOINT_URL", value: "https://aws.example"},
		"a stand-in":           {variable: "AWS_ENDPOINT_URL", value: "http://127.0.0.1:4566"},
		"a stand-in by name":   {variable: "AWS_ENDPOINT_URL_STS", value: "http://localhost:4566"},
		"a stand-in over IPv6": {variable: "AWS_ENDPOINT_URL_STS", value: "http://[::1]:4566"},
		"all services":         {variable: "AWS_ENDPOINT_URL", value: "http://aws.example", setting: "AWS_ENDPOINT_URL"},
		"STS":                  {variable: "AWS_ENDPOINT_URL_STS", value: "http://169.254.0.1", setting: "AWS_ENDPOINT_URL_STS"},
		"IAM, in capitals":     {variable: "AWS_ENDPOINT_URL_IAM", value: "HTTP://localhost.example", setting: "AWS_ENDPOINT_URL_IAM"},
		"the sign-in's":        {variable: "AWS_ENDPOINT_URL_SIGNIN", value: "http://aws.example", setting: "AWS_ENDPOINT_URL_SIGNIN"},
		"the profile":          {config: "[default]\nendpoint_url = http://aws.example\n", setting: "config:2"},
		"its services":         {config: "[default]\nservices = s\n[services s]\nsts =\n  endpoint_url = http://aws.example\n", setting: "config:"},
		"its source": {config: "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = b\n[profile b]\naws_access_key_id = AKIAEXAMPLE\n" +
			"aws_secret_access_key = s\nendpoint_url = http://aws.example\n", setting: "config:7"},
	} {
		t.Run(name, func(t *testing.T) {
			awsFiles(t, c.config, "")
			if c.variable != "" {
				t.Setenv(c.variable, c.value)
			}
			source, err := ReadSource(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			err = source.CheckEndpoints()
			if c.setting == "" && err != nil || c.setting != "" && (!errors.Is(err, awssource.ErrPlainHTTP) || !strings.Contains(err.Error(), c.setting)) {
				t.Error(err)
			}
		})
	}
}
