package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPoliciesPage judges the documents of docs/policies.md: what the page says
// of them must be so.
func TestPoliciesPage(t *testing.T) {
	page, err := os.ReadFile("../docs/policies.md")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"CCM101 CCM102", "CCM201 CCM202", "CCM201", "CCM201"}
	blocks := regexp.MustCompile("(?s)```json\r?\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != len(want) {
		t.Fatalf("%d documents, want %d", len(blocks), len(want))
	}
	for i, block := range blocks {
		c := open(put(t, t.TempDir(), "p.json", block[1]))
		if codes := found(examine(c)); codes != want[i] {
			t.Errorf("document %d: %s, want %s", i+1, codes, want[i])
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

// TestCodesPage looks up each code in both languages, and each link between the
// pages.
func TestCodesPage(t *testing.T) {
	pages := make(map[string]string)
	for _, name := range []string{"doctor.md", "policies.md", "ja/doctor.md"} {
		page, err := os.ReadFile(filepath.Join("..", "docs", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = strings.ReplaceAll(string(page), "\r\n", "\n")
	}
	for _, c := range []code{unread, ccm101, ccm102, ccm103, ccm104, ccm201, ccm202, ccm203, ccm204, ccm205, ccm301, ccm302, ccm304, ccm402} {
		for _, name := range []string{"doctor.md", "ja/doctor.md"} {
			if !strings.Contains(pages[name], "\n### "+c.name+"\n") {
				t.Errorf("%s does not explain %s", name, c.name)
			}
		}
	}
	links := regexp.MustCompile(`\]\(([a-z./]*)#([a-z0-9-]+)\)`)
	for name, page := range pages {
		for _, link := range links.FindAllStringSubmatch(page, -1) {
			target := name
			if link[1] != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), link[1]))
			}
			anchored := false
			for _, line := range strings.Split(pages[target], "\n") {
				heading := strings.ToLower(strings.TrimLeft(line, "# "))
				anchored = anchored || strings.HasPrefix(line, "#") && strings.ReplaceAll(heading, " ", "-") == link[2]
			}
			if !anchored {
				t.Errorf("%s: %s leads nowhere", name, link[0])
			}
		}
	}
}
