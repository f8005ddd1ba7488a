package policies

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// after applies a patch to the files of a case, in copies, and reads them
// again.
func after(t *testing.T, c *Case, p patch) *Case {
	t.Helper()
	edits := c.edits(p)
	again := &Case{Set: c.Set, AssumeAllow: c.AssumeAllow, Repository: c.Repository, Now: c.Now}
	again.Documents = nil
	for i, d := range c.Documents {
		path := put(t, t.TempDir(), fmt.Sprintf("%d.json", i), string(policyfile.Apply(d.Root.Text, edits[d])))
		more, err := policyfile.Sources{Policies: []string{path}}.Read()
		if err != nil {
			t.Fatal(err)
		}
		again.Documents = append(again.Documents, more.Documents...)
	}
	return again
}

// checkWithout takes the exemptions out of a document and judges it again.
func checkWithout(t *testing.T, c *Case) {
	t.Helper()
	d := c.Documents[0]
	again := after(t, c, patch{c.exempted(gitActions, "codecommit").statements, takeOut("codecommit", "kms"), nil})
	if got := codes(again); strings.Contains(got, "CCM201") || strings.Contains(got, "CCM202") || again.at(gitPull, MFA, Direct).refused() {
		t.Errorf("%s: still %s\n%s", d.Source, got, again.Documents[0].Root.Raw())
	}
	if len(again.Documents[0].Statements) != len(d.Statements) {
		t.Errorf("%s: statements were lost", d.Source)
	}
	if fix := c.Exempt().Fix; !strings.Contains(fix, "\n@@ ") {
		t.Errorf("%s: no diff: %s", d.Source, fix)
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

// TestAlsoViaCodeCommit keeps what stands beside kms:ViaService, and the other
// services.
func TestAlsoViaCodeCommit(t *testing.T) {
	for _, c := range []struct{ before, after string }{
		{`{"Bool": {"a": 1}, "Null": {"kms:ViaService": true}}`, `{"Bool": {"a": 1}, ` + viaCondition + `}`},
		{`{"Null": {"KMS:viaservice": true}, "Bool": {"a": 1}}`, `{` + viaCondition + `, "Bool": {"a": 1}}`},
		{`{"Null": {"b": true, "kms:ViaService": true, "c": false}}`, `{` + viaCondition + `, "Null": {"b": true, "c": false}}`},
		{`{"Null": {"kms:ViaService": true}, "StringLikeIfExists": {"b": "c"}}`, `{"StringLikeIfExists": {"b": "c"}}`},
		{`{"Null": {"kms:ViaService": false}}`, `{"Null": {"kms:ViaService": false}}`},
		{`{"StringEquals": {"kms:ViaService": "codecommit.x.amazonaws.com"}}`, `{"StringEquals": {"kms:ViaService": "codecommit.x.amazonaws.com"}}`},
		{`{"StringNotEquals": {"kms:ViaService": ["s3.x.amazonaws.com"]}}`, `{"StringNotEquals": {"kms:ViaService": ["s3.x.amazonaws.com"]}}`},
		{`{"StringNotEquals": {"kms:ViaService": ["codecommit.x.amazonaws.com", "s3.x.amazonaws.com"]}}`, `{"StringNotEquals": {"kms:ViaService": ["s3.x.amazonaws.com"]}}`},
		{`{"StringNotLike": {"b": 1, "kms:ViaService": "codecommit.*"}, "Bool": {"a": 1}}`, `{"StringNotLike": {"b": 1}, "Bool": {"a": 1}}`},
		{`{"Bool": {"a": 1}, "StringNotEqualsIfExists": {"kms:ViaService": ["codecommit.x.amazonaws.com", "codecommit.y.amazonaws.com"]}}`, `{"Bool": {"a": 1}}`},
	} {
		if got := string(policyfile.Apply([]byte(c.before), alsoViaCodeCommit(policyfile.NewValue([]byte(c.before))))); got != c.after {
			t.Errorf("%s: %s, want %s", c.before, got, c.after)
		}
	}
}

// TestPatch gives the printed diffs to patch(1) and git: of a document, of one
// inside a wrapper or a template, with carriage returns, without a last line
// end, on one line.
func TestPatch(t *testing.T) {
	bare, err := os.ReadFile(filepath.Join(folder, "exempts-via-service.json"))
	if err != nil {
		t.Fatal(err)
	}
	wrapper := "{\n \"PolicyVersion\": {\n  \"VersionId\": \"v3\",\n  \"Document\": " + strings.TrimSpace(string(bare)) + ",\n  \"IsDefaultVersion\": true\n }\n}\n"
	var minified bytes.Buffer
	if err := json.Compact(&minified, bare); err != nil {
		t.Fatal(err)
	}
	template := `{"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument":` + "\n" + string(bare) + "}}}}\n"
	for name, text := range map[string]string{
		"bare": string(bare), "wrapper": wrapper, "template": template, "blank lines": strings.ReplaceAll(wrapper, "\n", "\n\n"),
		"carriage returns": strings.ReplaceAll(string(bare), "\n", "\r\n"), "no last line end": strings.TrimRight(string(bare), "\n"), "one line": minified.String(),
	} {
		for _, program := range [][]string{{"patch", "--fuzz=0", "p.json"}, {"patch", "-p1"}, {"git", "apply"}} {
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Logf("no %s", program[0])
				continue
			}
			directory := t.TempDir()
			path := put(t, directory, "p.json", text)
			t.Chdir(directory)
			command := exec.Command(program[0], program[1:]...)
			command.Stdin = strings.NewReader(read(t, "p.json").Exempt().Fix)
			if out, err := command.CombinedOutput(); err != nil || bytes.Contains(out, []byte("offset")) {
				t.Errorf("%s, %v: %v\n%s", name, program, err, out)
			}
			if got := codes(read(t, path)); got != "CCM101 CCM102" {
				t.Errorf("%s, %v: after the patch: %s", name, program, got)
			}
		}
	}
}

// TestPatchByHand shows the document where the file holds it in another form.
func TestPatchByHand(t *testing.T) {
	document := `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotAction": ["iam:*", "codecommit:*"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}}`
	for name, text := range map[string]string{
		"t.yaml":  `Resources: {P: {Type: "AWS::IAM::ManagedPolicy", Properties: {PolicyDocument: ` + document + `}}}`,
		"t.json":  `{"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": ` + strings.Replace(document, `"iam:*"`, `{"Ref": "Own"}`, 1) + `}}}}`,
		"v1.json": `{"PolicyVersion": {"Document": ` + quoted(document) + `}}`,
	} {
		fix := read(t, put(t, t.TempDir(), name, text)).Exempt().Fix
		if !strings.Contains(fix, "--- the document in ") || !strings.Contains(fix, "-            \"codecommit:*\"\n") || strings.Contains(fix, "--- a/") || strings.Contains(fix, `\u0000`) {
			t.Errorf("%s:\n%s", name, fix)
		}
	}
}

// TestPatchOfTwo cites where each document is attached, and changes only what
// the exemption is in.
func TestPatchOfTwo(t *testing.T) {
	exempt := strings.Replace(askForMFA, `"iam:ListMFADevices"`, `"iam:ListMFADevices", "codecommit:*", "kms:*", "s3:*"`, 1)
	first, second := document(t, policy.Identity, exempt), document(t, policy.Identity, `"Effect": "Allow", "Action": "s3:*", "Resource": "*"`)
	first.Origin = "policy Force, attached to group git"
	fix := (&Case{Set: policyfile.Set{Documents: []*policyfile.Document{first, second}}, AssumeAllow: true}).Exempt().Fix
	if !strings.HasPrefix(fix, "# policy Force, attached to group git\n--- a/") || strings.Count(fix, "--- a/") != 1 || !strings.Contains(fix, `+{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": ["iam:ListMFADevices", "s3:*"]`) {
		t.Error(fix)
	}
}

// TestPatchFixes shows no diff after which what it is to fix is still there.
func TestPatchFixes(t *testing.T) {
	exempt := document(t, policy.Identity, strings.Replace(askForMFA, `"iam:ListMFADevices"`, `"iam:ListMFADevices", "codecommit:*"`, 1))
	c := &Case{Set: policyfile.Set{Documents: []*policyfile.Document{exempt}}, AssumeAllow: true}
	p := patch{exempt.Statements, takeOut("codecommit"), []func(*Case) Finding{(*Case).Exempt}}
	if text, ok := c.diff(p); !ok || text == "" {
		t.Error("no diff of what fixes")
	}
	p.change = takeOut("kms")
	if text, ok := c.diff(p); ok || text != "" {
		t.Error(text)
	}
	p.change = func(s policyfile.Value) []policyfile.Edit {
		return []policyfile.Edit{{From: s.From + 1, To: s.From + 1, With: `"Sid": "x", `}}
	}
	if text, ok := c.diff(p); ok {
		t.Errorf("it fixes nothing:\n%s", text)
	}
}
