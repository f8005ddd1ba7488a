package policies

import (
	"os"
	"regexp"
	"testing"
)

// TestPoliciesPage judges the documents of docs/policies.md: what the page says
// of them must be so.
func TestPoliciesPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"CCM101 CCM102", "CCM201 CCM202", "CCM201", "CCM201"}
	blocks := regexp.MustCompile("(?s)```json\r?\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != len(want) {
		t.Fatalf("%d documents, want %d", len(blocks), len(want))
	}
	for i, block := range blocks {
		c := read(t, put(t, t.TempDir(), "p.json", block[1]))
		c.Repository = known
		if got := codes(c); got != want[i] {
			t.Errorf("document %d: %s, want %s", i+1, got, want[i])
		}
		for _, d := range c.Decisions() {
			if d.Credentials == MFA && d.refused() {
				t.Errorf("document %d: %s is refused with MFA", i+1, d.Action)
			}
		}
		if narrow := i > 1; c.at("kms:Decrypt", LongTerm, Direct).denied() != (narrow || i == 0) {
			t.Errorf("document %d: KMS directly without MFA", i+1)
		}
	}
}
