package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// TestAudit: AWS's own document passes, the work-arounds do not, and each names
// the statement.
func TestAudit(t *testing.T) {
	for _, v := range []struct {
		file, codes, verdict string
		status               int
	}{
		{"blocks", "", "MFA is forced for CodeCommit, and git works with it", Passed},
		{"exempts-actions", "CCM201 CCM202", "MFA is not forced for CodeCommit: CCM201 CCM202", Failed},
		{"exempts-via-service", "CCM201", "MFA is not forced for CodeCommit: CCM201", Failed},
		{"plain-bool", "CCM203", "MFA is not forced for CodeCommit: CCM203", Failed},
		{"neutral", "CCM205", "MFA is not forced for CodeCommit: CCM205", Failed},
		{"office-network", "CCM205 CCM304", "MFA is not forced for CodeCommit: CCM205", Failed},
		{"denied", "CCM103 CCM205", "MFA is not forced for CodeCommit: CCM103 CCM205", Failed}, // pushes only
		{"inverted", "CCM103 CCM205", "MFA is not forced for CodeCommit, and git does not work with it: CCM103 CCM205", Failed},
		{"trust", "CCM401", "nothing was judged: ", NotJudged},
	} {
		e := open("testdata/" + v.file + ".json")
		e.Policies.Audit = true
		r := Examine(e)
		var text, out strings.Builder
		if r.Text(&text, Style{}) != nil || r.JSON(&out) != nil {
			t.Fatal("not written")
		}
		if codesOf(r) != v.codes || r.Status() != v.status || !strings.HasPrefix(r.verdict("").English, v.verdict) || !strings.HasPrefix(text.String(), v.verdict) {
			t.Errorf("%s: %s, %d, %q, want %s, %d, %q\n%s", v.file, codesOf(r), r.Status(), r.verdict("").English, v.codes, v.status, v.verdict, &text)
		}
		for _, result := range r.Results {
			if strings.HasPrefix(result.Code, "CCM20") && result.Level == Error && len(result.Statements) == 0 && result.Code != "CCM205" {
				t.Errorf("%s: %s names no statement", v.file, result.Code)
			}
		}
		if audited := strings.Contains(out.String(), `"audit": {`); audited != (v.status != NotJudged) {
			t.Errorf("%s: %s", v.file, &out)
		}
	}
}

// exportOf writes an account's details: users, of whom some are in a group whose
// policy exempts CodeCommit.
func exportOf(t testing.TB, users int, exempt ...int) string {
	t.Helper()
	force, err := os.ReadFile("testdata/blocks.json")
	if err != nil {
		t.Fatal(err)
	}
	weak, err := os.ReadFile("testdata/exempts-actions.json")
	if err != nil {
		t.Fatal(err)
	}
	weakUsers := make(map[int]bool)
	for _, i := range exempt {
		weakUsers[i] = true
	}
	var list []string
	for i := range users {
		group := "everyone"
		if weakUsers[i] {
			group = "git"
		}
		list = append(list, fmt.Sprintf(`{"UserName": "user%03d", "Arn": "arn:aws:iam::210987654321:user/user%03d", "UserId": "AIDAUSER%03d", "GroupList": [%q],
  "AttachedManagedPolicies": [{"PolicyName": "Admin", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]}`, i, i, i, group))
	}
	attached := func(group, name string) string {
		return fmt.Sprintf(`{"GroupName": %q, "GroupPolicyList": [], "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::210987654321:policy/%s"}]}`, group, name)
	}
	managed := func(arn, document string) string {
		return fmt.Sprintf(`{"Arn": %q, "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": %s}]}`, arn, document)
	}
	text := `{"UserDetailList": [` + strings.Join(list, ",\n") + `],
"GroupDetailList": [` + attached("everyone", "ForceMFA") + ",\n" + attached("git", "GitFriendly") + `], "RoleDetailList": [],
"Policies": [` + strings.Join([]string{
		managed("arn:aws:iam::aws:policy/AdministratorAccess", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`),
		managed("arn:aws:iam::210987654321:policy/ForceMFA", string(force)), managed("arn:aws:iam::210987654321:policy/GitFriendly", string(weak)),
	}, ",\n") + "]}\n"
	path := filepath.Join(t.TempDir(), "account.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// auditAll audits every user of an export.
func auditAll(t testing.TB, path string) Subjects {
	t.Helper()
	all, err := policyfile.Sources{Policies: []string{path}}.AllUsers()
	if err != nil {
		t.Fatal(err)
	}
	s := Subjects{Audit: true, Version: "1.2.3"}
	for _, one := range all {
		c := policies.Case{Set: one.Set, Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), Repository: policies.Repository{Account: one.User.Account()}}
		s.All = append(s.All, Subject{one.Name, Examine(&Evidence{Policies: PolicyEvidence{Case: c, Err: one.Err, Audit: true}})})
	}
	return s
}

// TestAllUsers: 200 users, three of them exempt: one table, three named with
// policy and group.
func TestAllUsers(t *testing.T) {
	s := auditAll(t, exportOf(t, 200, 7, 42, 199))
	var text, out, page bytes.Buffer
	if s.Text(&text, Style{Unicode: true}) != nil || s.JSON(&out) != nil || s.Markdown(&page) != nil {
		t.Fatal("not written")
	}
	if s.Status() != Failed {
		t.Errorf("status %d", s.Status())
	}
	for _, want := range []string{"MFA is forced for CodeCommit for 197 of 200 subjects; git works with it for 200\n",
		"  user007  no          allowed       CCM201 CCM202\n", "  user008  yes         allowed\n", "of user007, user042, user199\n",
		`statement 2 "AskForMFA", in policy arn:aws:iam::210987654321:policy/GitFriendly, attached to group git`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String()[:4000])
		}
	}
	if n := strings.Count(text.String(), "  user"); n != 200 {
		t.Errorf("%d rows", n)
	}
	for _, want := range []string{"| user007 | no | allowed | CCM201 CCM202 |", "```diff\n"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not in\n%s", want, page.String()[:2000])
		}
	}
	var report struct {
		OK       bool
		Version  string
		Summary  Summary
		Subjects []struct {
			Name      string
			OK        bool
			Audit     policies.Audit
			Checks    []struct{ Code, Level string }
			Decisions []json.RawMessage
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if report.OK || report.Version != "1.2.3" || len(report.Subjects) != 200 || report.Summary.Error != 6 {
		t.Errorf("%t, %q, %d subjects, %+v", report.OK, report.Version, len(report.Subjects), report.Summary)
	}
	one := report.Subjects[42]
	if one.Name != "user042" || one.OK || one.Audit.Forced || len(one.Decisions) != 48 {
		t.Errorf("%s, %t, %+v, %d decisions", one.Name, one.OK, one.Audit, len(one.Decisions))
	}
}

// BenchmarkThousandUsers is an account whose users are all judged: the goal is
// five seconds.
func BenchmarkThousandUsers(b *testing.B) {
	path := exportOf(b, 1000, 7)
	for b.Loop() {
		s := auditAll(b, path)
		if err := s.Text(io.Discard, Style{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSARIF holds what is written against the schema, and pins what code
// scanning shows.
func TestSARIF(t *testing.T) {
	schema := readSchema(t, "testdata/sarif.schema")
	for _, v := range verdicts {
		e := open("testdata/" + v.file + ".json")
		if v.change != nil {
			v.change(e)
		}
		r := Examine(e)
		r.Version = "1.2.3"
		if v.status == NotJudged {
			r.Source = "testdata/" + v.file + ".json"
		}
		var out bytes.Buffer
		if err := r.SARIF(&out); err != nil {
			t.Fatal(err)
		}
		var log any
		if err := json.Unmarshal(out.Bytes(), &log); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range (&conformer{root: schema}).check(v.file, schema, log) {
			t.Error(wrong)
		}
		checkResults(t, v, out.Bytes())
	}
}

// checkResults compares a SARIF log with what is found: a result a code, with
// its rule and a place.
func checkResults(t *testing.T, v verdict, text []byte) {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, r := range log.Runs[0].Results {
		codes = append(codes, r.RuleID)
		rules := log.Runs[0].Tool.Driver.Rules
		if r.RuleIndex >= len(rules) || rules[r.RuleIndex].ID != r.RuleID || len(r.Locations) != 1 || r.Message.Text == "" {
			t.Errorf("%s: %+v", v.file, r)
			continue
		}
		at := r.Locations[0].Physical
		if at.Artifact.URI != "testdata/"+v.file+".json" || at.Region == nil || at.Region.StartLine < 1 {
			t.Errorf("%s: %s is at %+v", v.file, r.RuleID, at)
		}
	}
	if got := strings.Join(codes, " "); got != v.codes {
		t.Errorf("%s: %s, want %s", v.file, got, v.codes)
	}
}

// TestArtifacts: code scanning finds a file by its path relative to the current
// folder, whichever of the folder's paths it was given with.
func TestArtifacts(t *testing.T) {
	r := Report{Folders: []string{"/link", "/real/folder"}}
	for source, want := range map[string]sarifArtifact{
		"a b.json": {"a%20b.json", sourceRoot}, "./p/x.json": {"p/x.json", sourceRoot}, "../x.json": {"../x.json", ""},
		"/link/p/a b.json": {"p/a%20b.json", sourceRoot}, "/real/folder/x.json": {"x.json", sourceRoot}, "/link/../p/x.json": {"file:///link/../p/x.json", ""},
		"/p/x.json": {"file:///p/x.json", ""}, "/linked/x.json": {"file:///linked/x.json", ""}, "arn:aws:iam::1:policy/x": {"arn:aws:iam::1:policy/x", ""},
	} {
		if source[0] == '/' && runtime.GOOS == "windows" {
			continue // not absolute there
		}
		if got := r.artifactOf(source); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}

// TestMarkdown pins the page for a ticket.
func TestMarkdown(t *testing.T) {
	e := open("testdata/exempts-via-service.json")
	e.Policies.Audit = true
	r := Examine(e)
	r.Version, r.Target = "1.2.3", e.Policies.RepositoryARN()
	var page bytes.Buffer
	if err := r.Markdown(&page); err != nil {
		t.Fatal(err)
	}
	golden(t, "exempts-via-service.md", page.Bytes())
}

// TestMarkdownIsHarmless: what a policy is called makes no markup.
func TestMarkdownIsHarmless(t *testing.T) {
	m := &markdown{textReport{style: Style{Unicode: true}}}
	if got := m.md("a|b`c*d_e<f>[g]\n#h"); got != "a\\|b\\`c\\*d\\_e&lt;f>\\[g] \\#h" {
		t.Error(got)
	}
	if got := fenceFor("x\n```\ny"); got != "````" {
		t.Error(got)
	}
}
