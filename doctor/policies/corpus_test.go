package policies

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// corpus is a folder of policies from the field, with index.tsv: the verdict of
// another evaluator for each. Many of them come without a licence, so they are
// not part of the project; testdata has documents of our own for each verdict.
var corpus = os.Getenv("POLICY_CORPUS")

// field is a line of the corpus's index.
type field struct{ file, kind, verdict, exempts string }

func readCorpus(t *testing.T) []field {
	t.Helper()
	if corpus == "" {
		t.Skip("POLICY_CORPUS does not name a folder of field policies")
	}
	index, err := os.Open(filepath.Join(corpus, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	var all []field
	for scanner := bufio.NewScanner(index); scanner.Scan(); {
		columns := strings.Split(scanner.Text(), "\t")
		if strings.HasSuffix(columns[0], ".json") {
			all = append(all, field{columns[0], columns[1], columns[2], columns[4]})
		}
	}
	return all
}

// wanted are the codes that a verdict asks for, and those that it rules out.
var wanted = map[string]struct{ has, hasNot string }{
	"blocks":               {"CCM101", "CCM103 CCM205 CCM401"},
	"blocks-partly":        {"CCM101", "CCM103 CCM205 CCM401"},
	"blocks-kms-forwarded": {"CCM102", "CCM101 CCM103 CCM205 CCM401"},
	"blocks-session-only":  {"CCM203", "CCM101 CCM102 CCM103 CCM205 CCM401"},
	"exempts":              {"CCM201", "CCM101 CCM102 CCM103 CCM205 CCM401"},
	"denies-even-with-MFA": {"CCM103", "CCM101 CCM102 CCM205 CCM401"},
	"allow-mfa-only":       {"CCM205", "CCM101 CCM102 CCM103 CCM201 CCM401"},
	"neutral":              {"", "CCM101 CCM102 CCM103 CCM201 CCM401"},
	"n/a":                  {"CCM401", "CCM101 CCM205"},
}

// unlike are the documents whose verdict hangs on what the other evaluator was
// told and doctor is not (the user's ARN, the address), so that it does not
// judge: CCM304.
var unlike = map[string]bool{"911.json": true, "913.json": true}

// codesOf judges one document of the corpus; CCM401 is for one that can't be
// read.
func codesOf(f field) string {
	sources := policyfile.Sources{Policies: []string{filepath.Join(corpus, f.file)}, User: "alice"}
	if f.kind == "scp" {
		sources.Policies, sources.SCPs = nil, sources.Policies
	}
	set, err := sources.Read()
	if err != nil {
		return "CCM401"
	}
	return codes(&Case{Set: set, AssumeAllow: true, Repository: known, Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)})
}

func TestCorpus(t *testing.T) {
	counts := make(map[string]int)
	for _, f := range readCorpus(t) {
		got := codesOf(f)
		want := wanted[f.verdict]
		if unlike[f.file] {
			want = struct{ has, hasNot string }{"CCM304", "CCM101"}
		}
		if !strings.Contains(got, want.has) {
			t.Errorf("%s, %s: %q lacks %s", f.file, f.verdict, got, want.has)
		}
		for _, not := range strings.Fields(want.hasNot) {
			if strings.Contains(got, not) {
				t.Errorf("%s, %s: %q has %s", f.file, f.verdict, got, not)
			}
		}
		if exempts := f.exempts == "yes" || f.exempts == "partly"; f.kind == "identity" && strings.Contains(got, "CCM201") != exempts {
			t.Errorf("%s: %q, exempts %s", f.file, got, f.exempts)
		}
		if (got == "CCM401") != (f.verdict == "n/a") {
			t.Errorf("%s: %s", f.file, got)
		}
		counts[f.verdict]++
	}
	t.Logf("documents compared: %v", counts)
}

// TestCorpusWithout applies the diff of CCM201 to every document that has one,
// and judges the result: nothing may be left of the exemption.
func TestCorpusWithout(t *testing.T) {
	count := 0
	for _, f := range readCorpus(t) {
		if !strings.Contains(codesOf(f), "CCM201") {
			continue
		}
		count++
		c := read(t, filepath.Join(corpus, f.file))
		c.Repository = known
		checkWithout(t, c)
	}
	t.Logf("%d exemptions taken out", count)
}
