package main

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

var testName = regexp.MustCompile("`(Test\\w+)`")

// TestReliability: each row of docs/reliability.md names a test, and each test
// exists.
func TestReliability(t *testing.T) {
	tests := map[string]bool{}
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, _ fs.DirEntry, err error) error {
		if !strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile("../../" + name)
		for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			tests[match[1]] = true
		}
		return err
	})
	if err != nil || len(tests) < 200 {
		t.Fatalf("%d tests: %v", len(tests), err)
	}
	text, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		columns := strings.Split(strings.TrimSpace(line), "|")
		if len(columns) != 5 || columns[1] == " fault " || columns[1] == "---" {
			if strings.HasPrefix(line, "|") && len(columns) != 5 {
				t.Errorf("not three columns: %s", line)
			}
			continue
		}
		rows++
		named := testName.FindAllStringSubmatch(columns[3], -1)
		if len(named) == 0 {
			t.Errorf("no test for: %s", columns[1])
		}
		for _, match := range named {
			if !tests[match[1]] {
				t.Errorf("there is no %s, for: %s", match[1], columns[1])
			}
		}
	}
	if rows < 30 {
		t.Errorf("%d rows", rows)
	}
}
