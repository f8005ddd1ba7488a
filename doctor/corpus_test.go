package doctor

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

// corpus holds policies from the field with the verdict of another evaluator.
// Many of them come without a licence, so they are not part of the project;
// testdata has documents of our own for each verdict.
const corpus = "../../shared/policies"

// field is a line of the corpus's index.
type field struct{ file, kind, verdict, exempts string }

func readCorpus(t *testing.T) []field {
	t.Helper()
	index, err := os.Open(filepath.Join(corpus, "index.tsv"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the corpus of field policies is not at %s: nothing compared", corpus)
	}
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

func TestCorpus(t *testing.T) {
	counts := make(map[string]int)
	for _, f := range readCorpus(t) {
		c := open(filepath.Join(corpus, f.file))
		c.User.Name = "alice"
		if f.kind == "scp" {
			reading, err := policyfile.Sources{SCPs: []string{filepath.Join(corpus, f.file)}, User: "alice"}.Read()
			c.Set, c.Unread = reading, err
		}
		r := examine(c)
		codes := found(r)
		want := wanted[f.verdict]
		if unlike[f.file] {
			want = struct{ has, hasNot string }{"CCM304", "CCM101"}
		}
		if !strings.Contains(codes, want.has) {
			t.Errorf("%s, %s: %q lacks %s", f.file, f.verdict, codes, want.has)
		}
		for _, not := range strings.Fields(want.hasNot) {
			if strings.Contains(codes, not) {
				t.Errorf("%s, %s: %q has %s", f.file, f.verdict, codes, not)
			}
		}
		if exempts := f.exempts == "yes" || f.exempts == "partly"; f.kind == "identity" && strings.Contains(codes, "CCM201") != exempts {
			t.Errorf("%s: %q, exempts %s", f.file, codes, f.exempts)
		}
		if (r.Status() == NotJudged) != (f.verdict == "n/a") {
			t.Errorf("%s: status %d", f.file, r.Status())
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
		c := open(filepath.Join(corpus, f.file))
		if !strings.Contains(found(examine(c)), "CCM201") {
			continue
		}
		count++
		checkWithout(t, c)
	}
	t.Logf("%d exemptions taken out", count)
}
