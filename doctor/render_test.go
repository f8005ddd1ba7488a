package doctor

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// TestConceal makes the report fit to be pasted.
func TestConceal(t *testing.T) {
	for _, c := range []struct{ home, text, want string }{
		{"/home/al", "reading /home/al/p.json: /home/alice/p.json /home/al", "reading ~/p.json: /home/alice/p.json ~"},
		{"/home/al/", "/home/al/p.json:3", "~/p.json:3"},
		{`C:\Users\al`, `C:\Users\al\p.json`, `~\p.json`},
		{`C:\Users\Al Ice`, `c:/users/al ice/p, C:\\Users\\AL ICE\\p, /c/Users/Al\ Ice: /mnt/c/Users/Al Ice, \users\al ice`, `~/p, ~\\p, ~: ~, ~`},
		{`C:/Users/alice/`, `"C:\USERS\ALICE" D:\Users\alice (/cygdrive/c/Users/alice/x) C:\Users\alice2`, `"~" D:~ (~/x) C:\Users\alice2`},
		{`\\server\homes\alice`, `//server/homes/alice/x`, `~/x`},
		{`/c/Users/alice`, `C:\Users\Alice\x /c/Users/alice /mnt/c/users/alice/y`, `~\x ~ ~/y`},
		{`/mnt/c/Users/alice`, `c:/Users/alice/x`, `~/x`},
		{"/home/あき", "/home/あき/x /home/あきこ", "~/x /home/あきこ"},
		{"/", "/p.json", "/p.json"},
		{"", "/p.json", "/p.json"},
		{"", "key AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLF.", "key …MPLE, …MPLF."},
		{"", "AKIA only, xAKIAIOSFODNN7EXAMPLE", "AKIA only, xAKIAIOSFODNN7EXAMPLE"},
	} {
		if got := (Report{Home: NewHome(c.home)}).conceal(c.text); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestConcealed looks for a home and a key in everything that is rendered, and
// for what steers a terminal.
func TestConcealed(t *testing.T) {
	directory := t.TempDir()
	text, err := os.ReadFile("testdata/exempts-actions.json")
	if err != nil {
		t.Fatal(err)
	}
	const key = "AKIAIOSFODNN7EXAMPLE"
	bad := strings.Replace(string(text), "AskForMFA", key+`\u001b[31m\u202e`, 1)
	bad = strings.Replace(bad, `"aws:MultiFactorAuthPresent"`, `"aws:\u001b[31m\u202e\u0085": "x", "aws:MultiFactorAuthPresent"`, 1)
	bad = strings.Replace(bad, `"sts:GetSessionToken"`, `"sts:`+key+`"`, 1)
	for _, content := range []string{bad, bad + "}", `{"UserDetailList": []}`} {
		r := Examine(open(put(t, directory, "p.json", content)))
		r.Home = NewHome(directory)
		var out bytes.Buffer
		for _, verbose := range []bool{false, true} {
			if err := r.Text(&out, Style{Verbose: verbose}); err != nil {
				t.Fatal(err)
			}
		}
		if strings.ContainsAny(out.String(), "\x1b\u202e\u0085…") {
			t.Errorf("not fit for a terminal of ASCII:\n%s", out.String())
		}
		if err := r.JSON(&out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), key) || strings.Contains(out.String(), directory) || !strings.Contains(out.String(), filepath.Join("~", "p.json")) {
			t.Errorf("not fit to be pasted:\n%s", out.String())
		}
	}
}

func TestStatus(t *testing.T) {
	with := func(levels ...Level) Report {
		var r Report
		for _, level := range levels {
			r.Results = append(r.Results, Result{Code: "CCM999", Level: level})
		}
		return r
	}
	for _, c := range []struct {
		report       Report
		status, fail int // without and with --strict
	}{
		{with(), NotJudged, NotJudged},
		{with(Skipped, Skipped), NotJudged, NotJudged},
		{with(OK, Skipped), Passed, Passed},
		{with(OK, Info), Passed, Passed},
		{with(OK, Warning), Passed, Failed},
		{with(OK, Error), Failed, Failed},
		{Report{Results: []Result{{Code: "CCM401", Level: Error}}}, NotJudged, NotJudged},
		{Report{Results: append([]Result{{Code: "CCM401", Level: Error}}, with(OK, Error).Results...)}, NotJudged, NotJudged},
	} {
		strict := c.report
		strict.Strict = true
		if got, fail := c.report.Status(), strict.Status(); got != c.status || fail != c.fail {
			t.Errorf("%+v: %d and %d, want %d and %d", c.report.Results, got, fail, c.status, c.fail)
		}
	}
}

// TestMet is for a live run: to be denied without MFA is how it should be.
func TestMet(t *testing.T) {
	c := open("testdata/blocks.json")
	c.Session = SessionEvidence{Stored: true, Serial: "arn:aws:iam::123456789012:mfa/alice"}
	c.Git.Gits = []Git{{Path: "git", Major: 2, Minor: 47, Chain: Chain{Helpers: []Helper{{Ours: true}}}}}
	r := Examine(c)
	if s := r.Summary(); s.Error != 0 || s.Info != 2 || r.Status() != Passed {
		t.Errorf("%+v", s)
	}
}

// TestNoLine is for policies that were asked of IAM: the line is null.
func TestNoLine(t *testing.T) {
	r := Report{Results: []Result{{Code: "CCM101", Level: Error, Statements: []*policy.Statement{{Source: "arn:aws:iam::1:policy/p", Index: 2}}}}}
	var out bytes.Buffer
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"line": null`) {
		t.Error(out.String())
	}
}

// TestForged: a line break in a file, or in its name, makes no line that looks
// like doctor's own.
func TestForged(t *testing.T) {
	const line = "x\n×  CCM999  forged"
	directory := t.TempDir()
	policy := func(condition string) string {
		return `{"Version": "2012-10-17", ` + quoted(line) + `: 1, "Statement": {"Sid": ` + quoted(line) + `, "Effect": "Deny", "NotAction": ` + quoted("iam:"+line) +
			`, "Resource": ["*", ` + quoted(line) + `], "Condition": {` + condition + `}}}`
	}
	for _, text := range []string{
		policy(`"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false", ` + quoted(line) + `]}`),
		policy(quoted("String\nEquals") + `: {` + quoted("aws:"+line) + `: ` + quoted(line) + `}`),
		policy(`"StringEquals": {` + quoted("aws:"+line) + `: ` + quoted(line) + `}`),
		`{"UserDetailList": [{"UserName": ` + quoted(line) + `}]}`, "{",
	} {
		set, err := policyfile.Sources{Policies: []string{put(t, directory, "p.json", text)}, User: line}.Read()
		var out bytes.Buffer
		if err := Examine(&Evidence{Policies: PolicyEvidence{Case: policies.Case{Set: set, AssumeAllow: true}, Err: err}}).Text(&out, Style{Verbose: true, Unicode: true}); err != nil {
			t.Fatal(err)
		}
		for _, shown := range strings.Split(out.String(), "\n") {
			if strings.HasPrefix(strings.TrimSpace(shown), "×  CCM999") {
				t.Errorf("%s\n%s", text, out.String())
			}
		}
	}
	_, err := policyfile.Sources{Policies: []string{"no\n×  CCM999  such"}}.Read()
	c := &Evidence{Policies: PolicyEvidence{Err: err}}
	if r := Examine(c); strings.Contains(r.Results[0].Detail, "\n") {
		t.Errorf("%q", r.Results[0].Detail)
	}
}

// quoted is a text as a JSON string.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// put writes a file and returns its path.
func put(t testing.TB, directory, name, text string) string {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
