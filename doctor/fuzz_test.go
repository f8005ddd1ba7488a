package doctor

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

// FuzzSources looks for panics in what reads and judges files, for errors that
// do not say where, and for diffs that would break a document.
func FuzzSources(f *testing.F) {
	seedSources(f)
	f.Fuzz(func(t *testing.T, text []byte, user string) {
		reading, err := policyfile.Sources{Policies: []string{"-"}, User: user, Stdin: bytes.NewReader(text)}.Read()
		if err != nil && !strings.HasPrefix(err.Error(), "stdin:") {
			t.Errorf("%v does not say where", err)
		}
		c := &Case{Set: reading, Unread: err, AssumeAllow: true}
		r := examine(c)
		if (r.Status() == NotJudged) != (err != nil || len(reading.Documents) == 0) {
			t.Errorf("status %d, %v", r.Status(), err)
		}
		var out bytes.Buffer
		if r.Text(&out, Style{Verbose: true}) != nil || r.JSON(&out) != nil {
			t.Error("not rendered")
		}
		if err != nil || len(reading.Documents) == 0 || !strings.Contains(found(r), "CCM201") {
			return
		}
		for _, d := range reading.Documents {
			for _, s := range d.Statements {
				_, text, edits := without(d, []int{s.Index}, []string{"codecommit", "kms"})
				if after := applied(text, edits); !json.Valid(after) {
					t.Errorf("not valid after the change:\n%s", after)
				}
			}
		}
	})
}
