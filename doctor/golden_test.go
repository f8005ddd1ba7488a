package doctor

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

var update = flag.Bool("update", false, "write the golden files")

// verdict is one case of testdata: what a document is judged as.
type verdict struct {
	file string // in testdata, without .json
	// codes are those that are neither ok nor skipped, in order.
	codes  string
	status int
	change func(*Evidence) // may be nil
}

var verdicts = []verdict{
	{"blocks", "CCM101 CCM102", Failed, nil},
	{"blocks-partly", "CCM101 CCM201 CCM202", Failed, nil},
	{"blocks-kms-forwarded", "CCM102 CCM201", Failed, nil},
	{"blocks-session-only", "CCM203", Passed, nil},
	{"plain-bool", "CCM102 CCM203", Failed, nil},
	{"exempts-actions", "CCM201 CCM202", Passed, nil},
	{"exempts-via-service", "CCM201", Passed, nil},
	{"exempts-narrow", "CCM201", Passed, located},
	{"exempts-resource", "CCM201 CCM202 CCM302", Passed, located},
	{"exempts-minified", "CCM201 CCM202", Passed, nil},
	{"exempts-only", "CCM201 CCM202 CCM302", Passed, nil},
	{"allow-mfa-only", "CCM101 CCM302", Failed, alone},
	{"allow-loose", "CCM204 CCM302", Passed, alone},
	{"inverted", "CCM103", Failed, nil},
	{"denied", "CCM103", Failed, nil},
	{"branch", "CCM101 CCM102 CCM304", Failed, nil},
	{"age-limit", "CCM101 CCM102 CCM301", Failed, nil},
	{"age-limit-allow", "CCM205", Passed, alone},
	{"age-allow-only", "CCM101 CCM301 CCM302", Failed, alone},
	{"list-devices", "CCM101 CCM102 CCM302", Failed, nil},
	{"office-network", "CCM304", Passed, nil},
	{"unknown-key", "CCM304", Passed, nil},
	{"neutral", "CCM205", Passed, nil},
	{"trust", "CCM401", NotJudged, nil},
}

// located says which repository it is.
func located(e *Evidence) {
	e.Policies.Repository = policies.Repository{Region: "us-east-1", Account: "123456789012", Name: "demo"}
}

// alone takes the assumed Allow away.
func alone(e *Evidence) { e.Policies.AssumeAllow = false }

// open reads files of testdata, by names relative to the package so that the
// golden files hold no path of this machine.
func open(names ...string) *Evidence {
	set, err := policyfile.Sources{Policies: names}.Read()
	return &Evidence{Policies: PolicyEvidence{Case: policies.Case{
		Set: set, AssumeAllow: true, Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC),
	}, Err: err}}
}

// codes lists the codes that people see.
func codesOf(r Report) string {
	var codes []string
	for _, result := range r.Results {
		if result.Level != OK && result.Level != Skipped {
			codes = append(codes, result.Code)
		}
	}
	return strings.Join(codes, " ")
}

// TestVerdicts judges every document of testdata. The JSON is compared for those
// that have a file for it.
func TestVerdicts(t *testing.T) {
	for _, v := range verdicts {
		c := open(filepath.ToSlash(filepath.Join("testdata", v.file+".json")))
		if v.change != nil {
			v.change(c)
		}
		r := Examine(c)
		if codes := codesOf(r); codes != v.codes || r.Status() != v.status {
			t.Errorf("%s: %s, status %d, want %s, %d", v.file, codes, r.Status(), v.codes, v.status)
		}
		var text, verbose, out bytes.Buffer
		if err := r.Text(&text, Style{Unicode: true}); err != nil {
			t.Fatal(err)
		}
		if err := r.JSON(&out); err != nil {
			t.Fatal(err)
		}
		golden(t, v.file+".txt", text.Bytes())
		if _, err := os.Stat(filepath.Join("testdata", v.file+".report")); err == nil {
			golden(t, v.file+".report", out.Bytes())
		}
		if v.file == "blocks" {
			if err := r.Text(&verbose, Style{Verbose: true}); err != nil {
				t.Fatal(err)
			}
			golden(t, "blocks.verbose.txt", verbose.Bytes())
		}
	}
}

// golden compares with a file of testdata; go test -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("%s differs: go test ./doctor -update shows how\ngot:\n%s", name, got)
	}
}

// TestUnreadWins: a part of the policies is not judged.
func TestUnreadWins(t *testing.T) {
	c := open("testdata/blocks.json")
	c.Policies.Err = errors.New("out of order")
	if r := Examine(c); codesOf(r) != "CCM401" || r.Decisions != nil || r.Status() != NotJudged {
		t.Errorf("%s, %d decisions", codesOf(r), len(r.Decisions))
	}
	c.Policies.Err = &policyfile.ReadError{At: "f:1", Problem: "a list", Command: "aws iam get"}
	if f := checkRead(c); f.Fix != "aws iam get" || f.Detail[0] != "f:1: a list" {
		t.Errorf("%+v", f)
	}
}
