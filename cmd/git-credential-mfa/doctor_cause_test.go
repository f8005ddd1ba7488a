package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

func TestDoctorWell(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.clones()
	d := l.wantWell()
	if d.level("CCM101") != "info" || d.level("CCM821") != "info" {
		t.Errorf("MFA is asked for, and met: %v", d)
	}
}

// TestDoctorPolicy: git asks the static credential of a store, or nobody that
// has MFA, and the policy denies it.
func TestDoctorPolicy(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.gitHelpers("!f() { test $1 = get && sh " + l.longTermHelper() + "; }; f")
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM101", "git-credential-mfa configure", "A session with MFA passes")
	for _, c := range d.Checks {
		if c.Code == "CCM101" && (len(c.Statements) != 1 || c.Statements[0].Source != forceMFA.Name ||
			c.Statements[0].Sid != "DenyAllExceptListedIfNoMFA" || c.Statements[0].Line != nil) {
			t.Errorf("statements: %+v", c.Statements)
		}
	}
	if r := l.run("", "git-credential-mfa", "configure"); r.status != 0 {
		t.Fatal(r)
	}
	l.clones()
	l.wantWell()
}

// longTermHelper is what the AWS CLI's helper does: it signs with the user's
// key. Its password holds for 15 minutes.
func (l *lab) longTermHelper() string {
	username, password := l.sign(time.Now())
	return filepath.ToSlash(l.write("long-term", "echo username="+username+"\necho password="+password+"\n"))
}

func (l *lab) sign(at time.Time) (username, password string) {
	h, err := codecommit.ParseHost(host)
	if err != nil {
		l.t.Fatal(err)
	}
	keys := codecommit.Keys{AccessKeyID: l.user.AccessKeyID, SecretAccessKey: l.user.SecretAccessKey}
	return codecommit.Sign(keys, h, "demo", at)
}

// store has git's own store keep a password, before this helper.
func (l *lab) store(username, password string) {
	l.write(".git-credentials", fmt.Sprintf("https://%s:%s@%s/v1/repos/demo\n", username, password, host))
	l.gitHelpers("store", "mfa")
}

// TestDoctorStoreInAnotherFile: the command that deletes a stale password names
// the file that the helper uses.
func TestDoctorStoreInAnotherFile(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	username, password := l.sign(time.Now().Add(-26 * time.Hour))
	l.write(".kept", fmt.Sprintf("https://%s:%s@%s/v1/repos/demo\n", username, password, host))
	l.gitHelpers("store --file ~/.kept", "mfa")
	fix := l.doctor(l.url).fix("CCM507")
	if r := l.run("", "sh", "-c", fix); r.status != 0 || strings.Contains(l.read(".kept"), "AKIA") {
		t.Fatalf("%s: %v", fix, r)
	}
}

func TestDoctorStalePassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age   time.Duration
		code  string
		texts []string
	}{
		"yesterday":   {26 * time.Hour, "CCM507", []string{"26 hours ago", "credential-store erase", ".gitconfig:3"}},
		"20 minutes":  {20 * time.Minute, "CCM507", []string{"20 minutes ago"}},
		"wrong clock": {-40 * time.Minute, "CCM508", []string{"40 minutes from now"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newDoctorLab(t)
			l.login()
			l.store(l.sign(time.Now().Add(-c.age)))
			l.refused()
			l.doctor(l.url).wantOnly(t, c.code, c.texts...)
			fix := l.doctor(l.url).fix(c.code)
			if r := l.run("", "sh", "-c", fix); r.status != 0 || strings.Contains(l.read(".git-credentials"), "AKIA") {
				t.Fatalf("%s: %v", fix, r)
			}
			l.clones()
			l.wantWell()
		})
	}
}

func TestDoctorStaticPassword(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	username, password := l.user.GitCredential()
	l.store(username, strings.ReplaceAll(strings.ReplaceAll(password, "/", "%2f"), "=", "%3d"))
	l.refused()
	d := l.doctor(l.url)
	if !strings.Contains(d.found("error"), "CCM509") || strings.Contains(d.stdout, password) {
		t.Errorf("want CCM509: %v", d)
	}
}

func TestDoctorClock(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	l.world.Clock.Advance(40 * time.Minute)
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM801", "40 minutes behind", map[bool]string{false: "sudo ", true: "w32tm"}[runtime.GOOS == "windows"])
	if d.level("CCM822") != "ok" {
		t.Errorf("signed with AWS's time the session passes: %v", d)
	}
	l.world.Clock.SetOffset(0)
	l.clones()
	l.wantWell()
}

func TestDoctorRegion(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	there, err := l.world.AddRepository("eu-west-1", "elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	l.url = "https://" + host + "/v1/repos/elsewhere"
	l.refused()
	clone := l.clone("demo")
	if r := l.run("", "git", "-C", clone, "remote", "set-url", "origin", l.url); r.status != 0 {
		t.Fatal(r)
	}
	d := l.in(clone).doctor()
	d.wantOnly(t, "CCM824", "eu-west-1", "git remote set-url origin "+there)
	l.url = there
	l.clones()
	l.wantWell()
}

func TestDoctorAllow(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	read := sandbox.PolicyText{Name: "read", Text: `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}}`}
	l.policies(forceMFA, read)
	l.refused()
	l.doctor(l.url).wantOnly(t, "CCM104", "codecommit:GitPull")
	l.policies(forceMFA, read, sandbox.PolicyText{Name: "group/developers", Text: `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}}`})
	l.clones()
	l.wantWell()
}

func TestDoctorKMS(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	deny := sandbox.PolicyText{Name: "group/no-kms", Text: `{"Version": "2012-10-17", "Statement": {"Sid": "NoKMS", "Effect": "Deny", "Action": "kms:*", "Resource": "*"}}`}
	l.policies(forceMFA, admin, deny)
	l.refused()
	d := l.doctor(l.url)
	d.wantOnly(t, "CCM103", "kms:Decrypt")
	if !strings.Contains(d.stdout, "inline policy no-kms-policy of group no-kms") {
		t.Errorf("the policy is not named: %v", d)
	}
	l.policies(forceMFA, admin)
	l.clones()
	l.wantWell()
}
