package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A page is a Markdown file of the repository. Its name is the path from the root,
// with slashes.
type page struct {
	name   string
	text   string
	blocks []block
}

// A block is a fenced block of a page.
type block struct {
	language string // the fence's: sh, console, json, …
	line     int
	text     string
	notRun   string // why its commands are not run: <!-- not run: WHY -->
}

// pages reads the Markdown files of the root and of docs.
func pages(t *testing.T) map[string]*page {
	t.Helper()
	all := map[string]*page{}
	add := func(name string) {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.ReplaceAll(string(text), "\r\n", "\n")
		all[filepath.ToSlash(name)] = &page{name: filepath.ToSlash(name), text: plain, blocks: blocks(plain)}
	}
	root, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range root {
		add(filepath.Base(file))
	}
	err = fs.WalkDir(os.DirFS("../../docs"), ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".md") {
			add(filepath.Join("docs", name))
		}
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d pages: %v", len(all), err)
	}
	return all
}

var (
	// WHY tells the page's reader what the block needs.
	notRun    = regexp.MustCompile(`^\s*<!-- not run: (.+) -->$`)
	notRunAll = regexp.MustCompile(`(?m)^<!-- nothing on this page is run: (.+) -->$`)
	fence     = regexp.MustCompile("^(\\s*)```\\s*(\\S*)\\s*$")
)

// blocks returns the blocks of a page. A fence may be indented, in a list.
func blocks(text string) []block {
	var found []block
	why := ""
	all := ""
	if match := notRunAll.FindStringSubmatch(text); match != nil {
		all = match[1]
	}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if match := notRun.FindStringSubmatch(lines[i]); match != nil {
			why = match[1]
			continue
		}
		if match := fence.FindStringSubmatch(lines[i]); match != nil {
			b := block{language: match[2], line: i + 1, notRun: why + all}
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
				b.text += strings.TrimPrefix(lines[i], match[1]) + "\n"
			}
			found = append(found, b)
		}
		if strings.TrimSpace(lines[i]) != "" {
			why = ""
		}
	}
	return found
}

// prose returns a page without its blocks.
func (p *page) prose() string {
	var kept []string
	inside := false
	for line := range strings.SplitSeq(p.text, "\n") {
		switch {
		case fence.MatchString(line):
			inside = !inside
		case !inside && !strings.HasPrefix(line, "    "):
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
