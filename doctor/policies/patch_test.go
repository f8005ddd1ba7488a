package policies

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// applied is a text after edits.
func applied(text []byte, edits []policyfile.Edit) []byte {
	slices.SortFunc(edits, func(a, b policyfile.Edit) int { return b.From - a.From })
	for _, e := range edits {
		text = slices.Concat(text[:e.From], []byte(e.With), text[e.To:])
	}
	return text
}

// checkWithout takes the exemptions out of a document and judges it again.
func checkWithout(t *testing.T, c *Case) {
	t.Helper()
	d := c.Documents[0]
	var indexes []int
	for _, s := range c.exempted(gitActions).statements {
		indexes = append(indexes, s.Index)
	}
	_, text, edits := without(d, indexes, []string{"codecommit", "kms"})
	path := filepath.Join(t.TempDir(), "after.json")
	if err := os.WriteFile(path, applied(text, edits), 0o600); err != nil {
		t.Fatal(err)
	}
	after := read(t, path)
	if got := codes(after); strings.Contains(got, "CCM20") || after.at(gitPull, MFA, Direct).refused() {
		t.Errorf("%s: still %s\n%s", d.Source, got, applied(text, edits))
	}
	if len(after.Documents[0].Statements) != len(d.Statements) {
		t.Errorf("%s: statements were lost", d.Source)
	}
}

func TestWithout(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range names {
		if strings.HasSuffix(name, "account.json") || strings.HasSuffix(name, "trust.json") {
			continue
		}
		if c := read(t, name); c.Exempt().Found {
			checkWithout(t, c)
			checked++
		}
	}
	if checked < 5 {
		t.Errorf("%d documents with an exemption", checked)
	}
}

// TestUnconditional keeps what stands beside kms:ViaService.
func TestUnconditional(t *testing.T) {
	for _, c := range []struct{ before, after string }{
		{`{"Bool": {"a": 1}, "Null": {"kms:ViaService": true}}`, `{"Bool": {"a": 1}}`},
		{`{"Null": {"KMS:viaservice": true}, "Bool": {"a": 1}}`, `{"Bool": {"a": 1}}`},
		{`{"Null": {"b": true, "kms:ViaService": true, "c": false}}`, `{"Null": {"b": true, "c": false}}`},
		{`{"Null": {"b": true}, "StringNotEquals": {"kms:ViaService": ["x", "y"]}, "Bool": {"a": 1}}`, `{"Null": {"b": true}, "Bool": {"a": 1}}`},
	} {
		if got := string(applied([]byte(c.before), unconditional(policyfile.NewValue([]byte(c.before))))); got != c.after {
			t.Errorf("%s: %s, want %s", c.before, got, c.after)
		}
	}
}

// TestPatch asks patch(1) whether the diffs are ones: of a document, and of one
// inside a wrapper, where the numbers are those of the file.
func TestPatch(t *testing.T) {
	program, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("no patch(1)")
	}
	bare, err := os.ReadFile(filepath.Join(folder, "exempts-via-service.json"))
	if err != nil {
		t.Fatal(err)
	}
	wrapper := "{\n \"PolicyVersion\": {\n  \"VersionId\": \"v3\",\n  \"Document\": " + strings.TrimSpace(string(bare)) + ",\n  \"IsDefaultVersion\": true\n }\n}\n"
	for _, text := range []string{string(bare), wrapper, strings.ReplaceAll(wrapper, "\n", "\n\n")} {
		directory := t.TempDir()
		path := filepath.Join(directory, "p.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := read(t, path)
		diff := c.Exempt().Fix
		command := exec.Command(program, "--fuzz=0", "p.json")
		command.Dir, command.Stdin = directory, strings.NewReader(diff)
		if out, err := command.CombinedOutput(); err != nil || bytes.Contains(out, []byte("offset")) {
			t.Fatalf("%v\n%s\n%s", err, out, diff)
		}
		if got := codes(read(t, path)); got != "CCM101 CCM102" {
			t.Errorf("after the patch: %s", got)
		}
	}
}
