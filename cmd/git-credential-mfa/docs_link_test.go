package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const repository = "https://github.com/git-credential-mfa/git-credential-mfa/blob/main/"

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"`)
	codeSpan = regexp.MustCompile("`[^`\n]*`")
)

// TestDocsLinks: the targets of links between pages exist, and so do their
// headings. Every page is linked from another.
func TestDocsLinks(t *testing.T) {
	all := pages(t)
	linked := map[string]bool{"README.md": true}
	for name, p := range all {
		// Links in indented blocks and code spans do not count.
		for _, match := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(p.prose(), "``"), -1) {
			target, err := follow(all, name, match[1]+match[2])
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			linked[target] = linked[target] || target != name
		}
	}
	for name := range all {
		if !linked[name] {
			t.Errorf("no page links to %s", name)
		}
	}
}

// TestDocsNamedByTheProgram: the pages and headings in the program's messages
// exist.
func TestDocsNamedByTheProgram(t *testing.T) {
	all := pages(t)
	named := 0
	for file, source := range sources(t, slices.Concat(rooms...)...) {
		for _, target := range matches(`(docs/[a-z/]+\.md(?:#[a-z0-9-]+)?)`, source) {
			named++
			if _, err := follow(all, "README.md", target); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if named == 0 {
		t.Error("no page was found in the program: the search is broken")
	}
}

// sources returns the files of some packages without their tests, by path.
func sources(t *testing.T, rooms ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, room := range rooms {
		files, err := filepath.Glob(filepath.Join("../..", room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[file] = string(text)
		}
	}
	return texts
}

// follow checks a link of a page and returns the name of its target, or "" for
// another site.
func follow(all map[string]*page, from, target string) (string, error) {
	target = strings.TrimPrefix(target, repository)
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return "", nil
	}
	file, anchor, anchored := strings.Cut(target, "#")
	name := from
	if file != "" {
		name = path.Join(path.Dir(from), file)
	}
	if _, err := os.Stat(filepath.Join("../..", name)); err != nil {
		return "", fmt.Errorf("the target of the link %s does not exist", target)
	}
	if p := all[name]; anchored && (p == nil || !slices.Contains(anchors(p.text), anchor)) {
		return name, fmt.Errorf("%s has no heading for the link %s", name, target)
	}
	return name, nil
}

// anchors returns the names that GitHub gives to a page's headings: letters,
// digits, hyphens and underscores in lower case, spaces as hyphens, and a number
// after a repeated name.
func anchors(text string) []string {
	var names []string
	seen := map[string]int{}
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		if fence.MatchString(line) {
			inside = !inside
		}
		heading := strings.TrimLeft(line, "#")
		if inside || heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading))
		if n := seen[name]; n > 0 {
			names = append(names, fmt.Sprintf("%s-%d", name, n))
		} else {
			names = append(names, name)
		}
		seen[name]++
	}
	return names
}

// matches returns the group of each match.
func matches(pattern, text string) []string {
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
