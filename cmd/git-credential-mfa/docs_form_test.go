package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestDocsIssueForm: the issue form for people who tried something has the rows of
// docs/unproven.md as boxes, under the same headings.
func TestDocsIssueForm(t *testing.T) {
	boxes := formBoxes(t, "../../.github/ISSUE_TEMPLATE/i-tried-it.yml")
	rows := unprovenRows(pages(t)["docs/unproven.md"])
	if len(rows) < 5 {
		t.Fatalf("docs/unproven.md has tables under %d headings only", len(rows))
	}
	for heading, want := range rows {
		if got := boxes[heading]; !slices.Equal(got, want) {
			t.Errorf("i-tried-it.yml, %s: the boxes are\n%s\ndocs/unproven.md has the rows\n%s", heading, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// unprovenRows returns the first cells of the page's tables, by heading.
func unprovenRows(p *page) map[string][]string {
	rows := map[string][]string{}
	heading := ""
	for line := range strings.SplitSeq(p.text, "\n") {
		if strings.HasPrefix(line, "#") {
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
		cells := strings.Split(line, " | ")
		first := strings.TrimSpace(strings.TrimPrefix(cells[0], "|"))
		if len(cells) > 1 && strings.HasPrefix(line, "| ") && first != "not tried yet" {
			rows[heading] = append(rows[heading], first)
		}
	}
	return rows
}

// formBoxes returns the labels of an issue form's boxes, by the heading above
// them. It also checks that the other forms in its folder are YAML.
func formBoxes(t *testing.T, name string) map[string][]string {
	t.Helper()
	boxes := map[string][]string{}
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(name), "*.yml"))
	for _, file := range files {
		var form struct {
			Body []struct {
				Type       string
				Attributes struct {
					Label   string
					Options []struct{ Label string }
				}
			}
		}
		text, err := os.ReadFile(file)
		if err == nil {
			err = yaml.Unmarshal(text, &form)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, part := range form.Body {
			for _, option := range part.Attributes.Options {
				boxes[part.Attributes.Label] = append(boxes[part.Attributes.Label], option.Label)
			}
		}
	}
	return boxes
}
