package policies

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// FuzzPatch looks for diffs that would break a document.
func FuzzPatch(f *testing.F) {
	names, err := filepath.Glob(filepath.Join(folder, "exempts*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add([]byte(`{"PolicyVersion": {"Document": ` + string(text) + `}}`))
		f.Add([]byte(`{"PolicyDocument": ` + quoted(string(text)) + `}`))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := policyfile.Sources{Policies: []string{"-"}, User: "alice", Stdin: bytes.NewReader(text)}.Read()
		c := &Case{Set: set, AssumeAllow: true}
		if err != nil || !c.Exempt().Found {
			return
		}
		all := c.statements("", func(*policy.Statement) bool { return true })
		for d, edits := range c.edits(patch{all, takeOut("codecommit", "kms"), nil}) {
			if after := policyfile.Apply(d.Root.Raw(), relative(edits, d.Root.From)); !json.Valid(after) {
				t.Errorf("not valid after the change:\n%s", after)
			}
		}
	})
}
