package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// What STS denies has a message and a hint of its own; the session, whose code
// is spent, is kept all the same.
func TestRoleDenied(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.awsConfig("[profile wrong-id]\nrole_arn = " + deployARN + "\nsource_profile = default\nexternal_id = e-2\n" +
		"[profile no-such]\nrole_arn = " + deployARN + "x\nsource_profile = default\n" +
		"[profile china]\nrole_arn = arn:aws-cn:iam::" + otherAccount + ":role/deploy\nsource_profile = default\n" +
		"[profile bad-name]\nrole_arn = " + deployARN + "\nsource_profile = default\nrole_session_name = a b\n")
	l.phone()
	for _, profile := range []string{"wrong-id", "no-such"} {
		r := l.getAs(profile)
		wantFailure(t, r, "error: assuming the role "+deployARN, "STS denies it, or there is no such role: AccessDenied: User: "+aliceARN+" is not authorized to perform: sts:AssumeRole",
			"hint: the role's trust policy must name your user")
	}
	l.asked(1, 1, 2)
	wantFailure(t, l.getAs("bad-name"), "ValidationError")
	before := len(l.world.Requests())
	wantFailure(t, l.getAs("china"), `the role is of another AWS partition: "aws-cn", and the region us-east-1 is of "aws"`, "hint: choose a profile")
	if len(l.world.Requests()) != before {
		t.Error("AWS was asked for a role of another partition")
	}
	l.stillHeld()
	l.world.Throttle("sts", "AssumeRole", 2)
	if r := l.getAs("prod"); !answered(r) || l.questions() != 1 {
		t.Error(r)
	}
}

// Those who waited while a role was denied hear so, and do not ask STS too.
func TestOneDeniedRoleForEight(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.login()
	l.role(deployARN, "arn:aws:iam::"+sandbox.Account+":user/bob", "")
	l.world.SetDelay("sts", time.Second)
	l.setenv("AWS_PROFILE", "prod")
	for _, r := range l.parallel(8) {
		wantFailure(t, r, "STS denies it, or there is no such role", "hint: ")
	}
	if n := l.world.Count("sts", "AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole", n)
	}
}

// Nobody but the keyring holds what a role's session is made of.
func TestRoleSecrets(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", filepath.Join(l.home, "trace"))
	l.phone()
	talk := l.getAs("prod").stderr + l.run("", "git-credential-mfa", "--profile", "prod", "login").stderr
	l.role(deployARN, "arn:aws:iam::"+sandbox.Account+":user/bob", "")
	r := l.run("", "git-credential-mfa", "--profile", "prod", "login")
	talk += r.stderr + l.run("", "git-credential-mfa", "status").stdout
	trace, err := os.ReadFile(filepath.Join(l.home, "trace"))
	if err != nil || !strings.Contains(string(trace), "sts:AssumeRole, call 1: AccessDenied") {
		t.Error(err, string(trace))
	}
	for _, secret := range l.world.Secrets() {
		if strings.Contains(talk+string(trace), secret[:20]) {
			t.Error("a secret was said or traced")
		}
	}
}
