package gitconfig

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// position returns the offset in a file's text, which has no block, where the
// block belongs. It stays where it was (old, or -1) unless a setting behind it
// keeps git from asking the block's helpers alone. It then goes to the end, as a
// new block does, but never behind an include that leads to a helper for
// CodeCommit: one profile a folder, by includeIf, is AWS's own recipe.
func position(text []byte, old int, sections []Section, leads func(path string) bool) int {
	if old >= 0 && !spoiled(text[old:], sections) {
		return old
	}
	lines := splitLines(text)
	for _, s := range parseFile(text) {
		include := s.key == "path" && (s.section == "include" || s.section == "includeif")
		if !include || leads == nil || !leads(s.value) { // mutation: a block never moves behind a profile's include
			continue
		}
		header := min(s.line, len(lines)) - 1
		for header > 0 && !bytes.HasPrefix(bytes.TrimSpace(lines[header]), []byte("[")) {
			header--
		}
		return len(bytes.Join(lines[:header], nil))
	}
	return len(text)
}

// spoiled reports whether what comes after our block changes what git does for
// its sections.
func spoiled(after []byte, sections []Section) bool {
	var entries []Entry
	for _, s := range parseFile([]byte(Block(sections) + string(after))) {
		if s.section == section {
			entries = append(entries, Entry{Section: section, Label: s.label, Labelled: s.labelled, Key: s.key, Value: s.value, Set: s.set})
		}
	}
	for _, s := range sections {
		concerns, err := Concerns(entries, []string{sample(s.Label)})
		if err != nil || len(concerns) > 0 {
			return true
		}
	}
	return false
}

// maxDepth is git's own limit of files that include each other
// (MAX_INCLUDE_DEPTH in config.c).
const maxDepth = 10

// leads returns a function that reports whether the file that an include of a
// file names has a helper of its own for CodeCommit, or includes one that has.
func (g Git) leads(file string, depth int) func(path string) bool {
	return func(path string) bool {
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = filepath.Join(gitexec.Home(g.environment()), rest)
		} else if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		for _, s := range parseFile(included(path)) {
			switch {
			case s.section == "credential" && s.key == "helper" && s.value != "" && isCodeCommit(s.label):
				return true
			case depth < maxDepth && s.key == "path" && (s.section == "include" || s.section == "includeif") && g.leads(path, depth+1)(s.value):
				return true
			}
		}
		return false
	}
}

// included reads a file that another names; one that can't be read says nothing.
func included(path string) []byte {
	text, _ := regularfile.Read(context.Background(), path)
	return text
}
