package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// diagnosis is the JSON of doctor, as far as the tests look.
type diagnosis struct {
	result
	OK     bool
	Checks []check
}

type check struct {
	Code, Group, Level, Title, Detail, Fix string
	Statements                             []struct {
		Source, Sid, Origin string
		Line                *int
	}
}

// doctor asks for a diagnosis of the lab's repository.
func (l *lab) doctor(arguments ...string) diagnosis {
	l.t.Helper()
	d := diagnosis{result: l.run("", "git-credential-mfa", append([]string{"doctor", "--json"}, arguments...)...)}
	if err := json.Unmarshal([]byte(d.stdout), &d); err != nil {
		l.t.Fatalf("%v\n%v", err, d.result)
	}
	l.private(d.result)
	return d
}

// private checks that a report can be pasted in public.
func (l *lab) private(r result) {
	l.t.Helper()
	if strings.Contains(r.stdout, l.home) {
		l.t.Errorf("the report gives away the home folder\n%v", r)
	}
	for _, secret := range append(l.world.Secrets(), l.user.AccessKeyID, passphrase) {
		if strings.Contains(r.stdout+r.stderr, secret) {
			l.t.Errorf("the report gives away %q\n%v", secret, r)
		}
	}
}

func (d diagnosis) check(code string) check {
	for _, c := range d.Checks {
		if c.Code == code {
			return c
		}
	}
	return check{}
}

func (d diagnosis) level(code string) string { return d.check(code).Level }
func (d diagnosis) fix(code string) string   { return d.check(code).Fix }

// says are the detail and the fix of a code.
func (d diagnosis) says(code string) string { return d.check(code).Detail + "\n" + d.check(code).Fix }

func (d diagnosis) String() string {
	text := fmt.Sprintf("exit %d\n%s", d.status, d.stderr)
	for _, c := range d.Checks {
		if c.Level != "ok" {
			text += fmt.Sprintf("%s %s: %s\n  %s\n  fix: %s\n", c.Code, c.Level, c.Title, strings.ReplaceAll(c.Detail, "\n", "\n  "), c.Fix)
		}
	}
	return text
}

// found are the checks of a level.
func (d diagnosis) found(level string) string {
	var codes []string
	for _, c := range d.Checks {
		if c.Level == level {
			codes = append(codes, c.Code)
		}
	}
	return strings.Join(codes, " ")
}

// wantOnly checks that a code, and no other, is named as the cause.
func (d diagnosis) wantOnly(t *testing.T, code string, texts ...string) {
	t.Helper()
	if d.status != 1 || d.found("error") != code {
		t.Errorf("want %s and exit 1: %s\n%v", code, d.found("error"), d)
	}
	for _, text := range texts {
		if !strings.Contains(d.says(code), text) {
			t.Errorf("%s lacks %q:\n%s", code, text, d.says(code))
		}
	}
}

// wantWell checks that nothing is wrong.
func (l *lab) wantWell(arguments ...string) diagnosis {
	l.t.Helper()
	d := l.doctor(append(arguments, l.url)...)
	if d.status != 0 || d.found("error")+d.found("warning") != "" || !d.OK {
		l.t.Errorf("want all well: errors %s, warnings %s\n%v", d.found("error"), d.found("warning"), d)
	}
	r := l.run("", "git-credential-mfa", append(append([]string{"doctor"}, arguments...), l.url)...)
	if r.status != 0 || !strings.HasPrefix(r.stdout, "git reaches the repository (git-credential-mfa ") || !strings.Contains(firstLines(r.stdout), ": all is well") {
		l.t.Errorf("want all well: %v", r)
	}
	if strings.Contains(r.stdout, "signed with") || !strings.Contains(r.stdout, "--verbose says more") {
		l.t.Errorf("want the titles only where nothing is wrong: %v", r)
	}
	l.private(r)
	return d
}

func newDoctorLab(t *testing.T) *lab {
	t.Helper()
	slowUnderWine(t)
	l := newLab(t)
	l.setenv("GIT_TERMINAL_PROMPT", "0")
	return l
}

// gitHelpers writes a configuration with helpers for CodeCommit, in order.
func (l *lab) gitHelpers(helpers ...string) {
	text := "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\tuseHttpPath = true\n"
	for _, helper := range helpers {
		text += "\thelper = \"" + helper + "\"\n"
	}
	l.write(".gitconfig", text)
}

// refused checks that git gets the 403 that doctor is to explain.
func (l *lab) refused() {
	l.t.Helper()
	r := l.run("", "git", "clone", "-q", l.url, filepath.Join(l.t.TempDir(), "clone"))
	if r.status == 0 || !strings.Contains(r.stderr, "403") {
		l.t.Errorf("want HTTP 403: %v", r)
	}
}

func (l *lab) clones() {
	l.t.Helper()
	if r := l.run("", "git", "clone", "-q", l.url, filepath.Join(l.t.TempDir(), "clone")); r.status != 0 {
		l.t.Errorf("git does not clone: %v", r)
	}
}

// policies puts others in place of the user's.
func (l *lab) policies(texts ...sandbox.PolicyText) {
	l.t.Helper()
	if err := l.user.SetPolicyTexts(texts...); err != nil {
		l.t.Fatal(err)
	}
}

var (
	forceMFA = sandbox.PolicyText{Name: "arn:aws:iam::123456789012:policy/ForceMFA", Text: string(sandbox.ForceMFA)}
	admin    = sandbox.PolicyText{Name: "arn:aws:iam::aws:policy/AdministratorAccess",
		Text: `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`}
)

// clone clones a repository of the lab's region into the user's home.
func (l *lab) clone(name string) string {
	l.t.Helper()
	to := filepath.Join(l.home, name)
	if r := l.run("", "git", "clone", "-q", "https://"+host+"/v1/repos/"+name, to); r.status != 0 {
		l.t.Fatal(r)
	}
	return to
}

// in is the lab, with programs run in another folder.
func (l *lab) in(dir string) *lab {
	there := *l
	there.dir = dir
	return &there
}

// TestDoctorSeesTheProfilesProcess: an mfa_process of the profile's is a way to
// ask, for doctor as for the helper.
func TestDoctorSeesTheProfilesProcess(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial, "mfa_process": l.scriptLine("codes", "echo 123456")})
	d := l.doctor("--offline", l.url)
	if d.level("CCM740") != "ok" || !strings.Contains(d.says("CCM740"), "mfa_process") {
		t.Errorf("%s: %s", d.level("CCM740"), d.says("CCM740"))
	}
}
