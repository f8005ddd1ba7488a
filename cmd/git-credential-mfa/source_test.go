package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// keysOf returns the temporary keys of the profile's session, as an SDK gets
// them.
func (l *lab) keysOf(profile string) map[string]string {
	l.t.Helper()
	r := l.run("", "git-credential-mfa", "--profile", profile, "credential-process")
	var keys struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(r.stdout), &keys); err != nil || keys.SessionToken == "" {
		l.t.Fatal(err, r)
	}
	return map[string]string{"AWS_ACCESS_KEY_ID": keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY": keys.SecretAccessKey, "AWS_SESSION_TOKEN": keys.SessionToken}
}

// Temporary keys, wherever they are from, are used as they are; a role is
// assumed from them, and kept.
func TestTemporaryKeys(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.phone()
	l.getAs("default")
	keys := l.keysOf("default")
	l.write(".aws/credentials", "[pasted]\naws_access_key_id = "+keys["AWS_ACCESS_KEY_ID"]+"\naws_secret_access_key = "+
		keys["AWS_SECRET_ACCESS_KEY"]+"\naws_session_token = "+keys["AWS_SESSION_TOKEN"]+"\n")
	process := l.scriptLine("print-keys", "echo run >>runs\necho '{\"Version\":1,\"AccessKeyId\":\""+keys["AWS_ACCESS_KEY_ID"]+
		"\",\"SecretAccessKey\":\""+keys["AWS_SECRET_ACCESS_KEY"]+"\",\"SessionToken\":\""+keys["AWS_SESSION_TOKEN"]+"\"}'")
	l.awsConfig("[profile process]\ncredential_process = " + process + "\n")
	for _, source := range []string{"pasted", "process"} {
		l.awsConfig("[profile role-of-" + source + "]\nrole_arn = " + deployARN + "\nexternal_id = e-1\nsource_profile = " + source + "\n")
		if r := l.cloneFrom(host, source, source); r.status != 0 {
			t.Error(r)
		}
		for range 2 {
			if r := l.getAs("role-of-" + source); !answered(r) {
				t.Error(r)
			}
		}
	}
	l.asked(1, 1, 2)
	if runs, err := os.ReadFile(filepath.Join(l.home, "runs")); err != nil || strings.Count(string(runs), "run") != 2 {
		t.Errorf("%v, the process ran %q", err, runs)
	}
	for name, value := range keys {
		l.setenv(name, value)
	}
	before := len(l.world.Requests())
	if r := l.get(); !answered(r) || len(l.world.Requests()) != before || !strings.Contains(r.stdout, keys["AWS_SESSION_TOKEN"]) {
		t.Error(r)
	}
	if r := l.run("", "git", "clone", "--quiet", l.url, "environment"); r.status != 0 {
		t.Error(r)
	}
}

// An access token of SSO that has run out says how it is renewed.
func TestExpiredSSO(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.awsConfig("[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n")
	wantFailure(t, l.getAs("sso"), `reading the AWS credentials of profile "sso": the credentials have expired`, "aws sso login")
}

// Variables that win over others, or do nothing, are named where that explains
// something: when a session starts, and when something fails.
func TestEnvironmentInTheWay(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	bob := l.world.AddUser("bob")
	l.setenv("AWS_PROFILE", "default")
	l.setenv("AWS_ACCESS_KEY_ID", bob.AccessKeyID)
	l.setenv("AWS_SECRET_ACCESS_KEY", bob.SecretAccessKey)
	const warning = `warning: AWS_ACCESS_KEY_ID in the environment wins over the profile "default" of AWS_PROFILE`
	l.phone()
	r := l.get()
	wantFailure(t, r, "STS does not know this MFA device for this user")
	if strings.Count(r.stderr, warning) != 1 {
		t.Error(r)
	}
	l.device = bob.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/bob")
	l.setenv("GIT_CREDENTIAL_MFA_SERIAL", l.device.Serial)
	l.phone()
	if r := l.get(); !answered(r) || strings.Count(r.stderr, warning) != 1 {
		t.Error(r)
	}
	if r := l.get(); !answered(r) || r.stderr != "" {
		t.Errorf("a cached answer: %v", r)
	}
	// --profile wins, and nothing is odd about that.
	l.device = l.user.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/second")
	l.setenv("GIT_CREDENTIAL_MFA_SERIAL", l.device.Serial)
	l.phone()
	if r := l.getAs("default"); !answered(r) || strings.Contains(r.stderr, "warning") {
		t.Error(r)
	}
	// A token that was left behind by an earlier session.
	l.setenv("AWS_SESSION_TOKEN", "left behind")
	wantFailure(t, l.get(), "reading the AWS credentials of the environment: there is a session token, but the access key is a long-term one",
		"hint: remove it: "+shell.Here.Unset("AWS_SESSION_TOKEN"), warning)
}
