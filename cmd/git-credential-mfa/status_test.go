package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of credentials that are not ours status says that MFA is unknown; it runs and
// asks nothing to find out, and of a session of ours it says that it is present.
func TestStatusOfTemporaryCredentials(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	keys := l.keysOf("default")
	l.awsConfig("[profile process]\ncredential_process = touch '" + l.home + "/run'\n" +
		"[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n")
	status := func(profile string) {
		t.Helper()
		r := l.run("", "git-credential-mfa", "--profile", profile, "status", "--json")
		if r.status != 0 || strings.Count(r.stdout, `"mfa": "unknown"`) != 1 || strings.Count(r.stdout, `"mfa": "present"`) != 1 ||
			!strings.Contains(r.stdout, `"expiration": null`) {
			t.Error(profile, r)
		}
		if r := l.run("", "git-credential-mfa", "--profile", profile, "status"); !strings.Contains(r.stdout, "whether they were got with MFA is not known") {
			t.Error(profile, r)
		}
	}
	status("process")
	status("sso")
	if _, err := os.Stat(filepath.Join(l.home, "run")); err == nil || l.sessions() != 1 {
		t.Error("something was run")
	}
	if r := l.run("", "git-credential-mfa", "status", "--json"); strings.Contains(r.stdout, "unknown") {
		t.Error(r)
	}
	for name, value := range keys {
		l.setenv(name, value)
	}
	if r := l.run("", "git-credential-mfa", "status", "--json"); strings.Count(r.stdout, `"mfa": "unknown"`) != 1 {
		t.Error(r)
	}
}

// A profile that was named and does not exist is refused; one of the environment
// hides no sessions.
func TestStatusOfNoProfile(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	if r := l.run("", "git-credential-mfa", "--profile", "missing", "status"); r.status != 1 || r.stdout != "" ||
		!strings.Contains(r.stderr, `reading the AWS profile "missing": there is no such profile`) || !strings.Contains(r.stderr, "hint: choose one of your profiles (default") {
		t.Error(r)
	}
	l.setenv("AWS_PROFILE", "missing")
	if r := l.run("", "git-credential-mfa", "status"); r.status != 0 || !strings.Contains(r.stdout, "profile default: ") {
		t.Error(r)
	}
}

// A role from "aws login", whose session is not there or was logged out of.
func TestLoginAsSource(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.awsConfig("[profile console]\nlogin_session = arn:aws:iam::1:user/a\nregion = us-east-1\n" +
		"[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = console\n")
	wantFailure(t, l.getAs("prod"), `reading the AWS credentials of profile "console": there is no session of aws login`,
		"hint: aws login --profile console\n")
}
