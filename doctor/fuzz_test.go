package doctor

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// seedSources adds testdata, bare and wrapped, and some that are wrong.
func seedSources(f *testing.F) {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "alice")
		f.Add([]byte(`{"PolicyVersion": {"Document": `+string(text)+`}}`), "")
		f.Add([]byte(`{"PolicyDocument": `+quoted(string(text))+`}`), "")
	}
	for _, text := range []string{"", "%7B%7D", "\xff\xfe{\x00", `"%7B%7D"`, `{"UserDetailList": [{"UserName": "a", "GroupList": "x", "UserPolicyList": {"a": {}}}], "Policies": 3}`} {
		f.Add([]byte(text), "a")
	}
}

// FuzzSources looks for panics in what reads, judges and shows policies, and for
// errors that do not say where.
func FuzzSources(f *testing.F) {
	seedSources(f)
	f.Fuzz(func(t *testing.T, text []byte, user string) {
		set, err := policyfile.Sources{Policies: []string{"-"}, User: user, Stdin: bytes.NewReader(text)}.Read()
		if err != nil && !strings.HasPrefix(err.Error(), "stdin:") {
			t.Errorf("%v does not say where", err)
		}
		c := &Evidence{Policies: PolicyEvidence{Case: policies.Case{Set: set, AssumeAllow: true}, Err: err}}
		r := Examine(c)
		if (r.Status() == NotJudged) != (err != nil || len(set.Documents) == 0) {
			t.Errorf("status %d, %v", r.Status(), err)
		}
		var out bytes.Buffer
		if r.Text(&out, Style{Verbose: true}) != nil || r.JSON(&out) != nil {
			t.Error("not rendered")
		}
	})
}
