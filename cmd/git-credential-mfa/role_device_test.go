package main

import (
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// The AWS CLI wants mfa_serial in the role's profile. It is the device to ask
// for, and the session is still the source's, with or without it.
func TestRoleWithDevice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.writeAWSFiles(map[string]string{"region": region})
	l.role(deployARN, aliceARN, withMFA)
	l.awsConfig("[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = default\nmfa_serial = " + serial + "\n")
	l.askpass()
	l.phone()
	if r := l.getAs("prod"); !answered(r) {
		t.Fatal(r)
	}
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
	l.asked(1, 1, 1)
	if n := l.world.Count("iam", "ListMFADevices"); n != 0 {
		t.Errorf("%d calls of ListMFADevices", n)
	}
}

// login checks the role, whatever is kept; erase forgets the role's item only;
// logout the role's and what it is assumed from.
func TestRoleByHand(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	login := func(args ...string) result {
		return l.run("", "git-credential-mfa", append([]string{"--profile", "prod", "login"}, args...)...)
	}
	l.phone()
	r := login()
	if r.status != 0 || !strings.Contains(r.stderr, "session of arn:aws:sts::"+otherAccount+":assumed-role/deploy/alice for profile prod, until ") ||
		!strings.Contains(r.stderr, "assumed from the session of "+aliceARN+" for profile default, until ") {
		t.Error(r)
	}
	login()
	l.asked(1, 1, 2)
	l.phone()
	login("--refresh")
	l.asked(2, 2, 3)

	username := strings.TrimPrefix(strings.SplitN(l.getAs("prod").stdout, "\n", 2)[0], "username=")
	erase := func(profile string) {
		t.Helper()
		in := request("https", host, "v1/repos/theirs") + "username=" + username + "\npassword=x\n"
		if r := l.run(in, "git-credential-mfa", "--profile", profile, "erase"); r.status != 0 || r.stdout+r.stderr != "" {
			t.Error(r)
		}
	}
	erase("default") // not its key
	l.getAs("prod")
	l.asked(2, 2, 3)
	erase("prod")
	l.getAs("prod")
	l.asked(2, 2, 4)

	if r := l.run("", "git-credential-mfa", "--profile", "prod", "logout"); r.status != 0 || !strings.Contains(r.stderr, "forgot the session for profile prod") {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "--profile", "prod", "logout"); !strings.Contains(r.stderr, "there is no session") {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, "no sessions") {
		t.Error(r)
	}
	// A role that can't be had fails the login, though the session is there.
	l.phone()
	l.role(deployARN, "arn:aws:iam::"+sandbox.Account+":user/bob", "")
	if r := login(); r.status != 1 || !strings.Contains(r.stderr, "error: logging in: assuming the role") {
		t.Error(r)
	}
}
