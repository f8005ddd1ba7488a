package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

const (
	otherAccount = "210987654321"
	deployARN    = "arn:aws:iam::" + otherAccount + ":role/team/deploy"
	aliceARN     = "arn:aws:iam::" + sandbox.Account + ":user/alice"
	withMFA      = `"Bool": {"aws:MultiFactorAuthPresent": "true"}`
)

// awsConfig adds to the user's ~/.aws/config.
func (l *lab) awsConfig(text string) {
	l.t.Helper()
	old, err := os.ReadFile(filepath.Join(l.home, ".aws", "config"))
	if err != nil {
		l.t.Fatal(err)
	}
	l.write(".aws/config", string(old)+text)
}

// role adds a role that one principal may assume, under a condition.
func (l *lab) role(arn, principal, condition string) *sandbox.Role {
	l.t.Helper()
	r, err := l.world.AddRole(arn, `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "`+principal+
		`"}, "Action": "sts:AssumeRole", "Condition": {`+condition+`}}]}`)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// roleLab is a lab with a role in another account, its profile "prod", and its
// repository, for which git is told to use that profile.
func roleLab(t testing.TB) *lab {
	l := newLab(t)
	l.role(deployARN, aliceARN, withMFA+`, "StringEquals": {"sts:ExternalId": "e-1"}`)
	l.awsConfig("[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = default\nexternal_id = e-1\nregion = " + region + "\n")
	if _, err := l.world.AddRepositoryIn(otherAccount, region, "theirs"); err != nil {
		t.Fatal(err)
	}
	l.askpass()
	return l
}

func (l *lab) getAs(profile string) result {
	l.t.Helper()
	return l.get("--profile", profile)
}

// asked checks how often a person, GetSessionToken and AssumeRole were asked.
func (l *lab) asked(questions, sessions, roles int) {
	l.t.Helper()
	if q, s, r := l.questions(), l.sessions(), l.world.Count("sts", "AssumeRole"); q != questions || s != sessions || r != roles {
		l.t.Errorf("%d questions, %d calls of GetSessionToken and %d of AssumeRole, not %d, %d and %d", q, s, r, questions, sessions, roles)
	}
}

// One code serves the repositories of one's own account and of every role.
func TestRole(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.role("arn:aws:iam::"+sandbox.Account+":role/second", aliceARN, withMFA)
	l.awsConfig("[profile second]\nrole_arn = arn:aws:iam::" + sandbox.Account + ":role/second\nsource_profile = default\nrole_session_name = me\nduration_seconds = 43200\n")
	l.phone()
	url := strings.Replace(l.url, "demo", "theirs", 1)
	asProd := []string{"-c", "credential.helper=", "-c", "credential.https://" + host + ".helper=", "-c",
		"credential.https://" + host + ".helper=mfa --profile prod"}
	for _, args := range [][]string{
		append(asProd, "clone", "--quiet", url, "first"),
		append(asProd, "clone", "--quiet", url, "second"),
		append(asProd, "-C", "first", "push", "--quiet", "origin", "HEAD:refs/heads/more"),
		{"clone", "--quiet", l.url, "own"},
	} {
		if r := l.run("", "git", args...); r.status != 0 {
			t.Fatal(args, r)
		}
	}
	l.asked(1, 1, 1)
	if r := l.getAs("second"); !answered(r) {
		t.Error(r)
	}
	l.asked(1, 1, 2)
	r := l.run("", "git-credential-mfa", "status", "--json")
	var status struct {
		Sessions []struct{ Profile, ARN, Account, Serial, MFA string }
	}
	if err := json.Unmarshal([]byte(r.stdout), &status); err != nil || len(status.Sessions) != 3 {
		t.Fatal(err, r)
	}
	for i, want := range []struct{ Profile, ARN, Account, Serial, MFA string }{
		{"default", aliceARN, sandbox.Account, serial, "present"},
		{"prod", "arn:aws:sts::" + otherAccount + ":assumed-role/deploy/alice", otherAccount, "", "unknown"},
		{"second", "arn:aws:sts::" + sandbox.Account + ":assumed-role/second/me", sandbox.Account, "", "unknown"},
	} {
		if status.Sessions[i] != want {
			t.Errorf("%+v, want %+v", status.Sessions[i], want)
		}
	}
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, "assumed-role/deploy/alice") || !strings.Contains(r.stdout, "59 min") {
		t.Error(r)
	}
	if refused := l.world.Refused(); len(refused) > 0 {
		t.Errorf("somebody tried to reach %v", refused)
	}
}

// A role's credentials end after an hour; new ones cost no code while the
// session lives. The session that ends takes a code, the role's do not.
func TestRoleIsRenewed(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.world.SetRoleLifetime(4 * time.Minute)
	l.phone()
	for range 3 {
		if r := l.getAs("prod"); !answered(r) || strings.Contains(r.stderr, "warning") {
			t.Fatal(r)
		}
	}
	l.asked(1, 1, 3)
	l.world.SetRoleLifetime(6 * time.Minute)
	for range 3 {
		if r := l.getAs("prod"); !answered(r) {
			t.Fatal(r)
		}
	}
	l.asked(1, 1, 4)
}
