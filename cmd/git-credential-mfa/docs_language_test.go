//go:build unix

package main

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// TestDocsLanguages: a Japanese page names the same commands as the English one,
// and has the same blocks to type.
func TestDocsLanguages(t *testing.T) {
	all := pages(t)
	for name, english := range all {
		japanese := translation(all, name)
		if japanese == nil || japanese == english || strings.HasPrefix(name, "docs/ja/") {
			continue
		}
		for what, of := range map[string]func(*page) []string{"command": mentions, "block": typed} {
			theirs, ours := of(japanese), of(english)
			for _, one := range ours {
				if !slices.Contains(theirs, one) {
					t.Errorf("%s lacks the %s of %s: %s", japanese.name, what, name, one)
				}
			}
			for _, one := range theirs {
				if !slices.Contains(ours, one) {
					t.Errorf("%s has a %s that %s lacks: %s", japanese.name, what, name, one)
				}
			}
		}
	}
}

// typed returns the commands of the blocks without their comments, and the JSON
// and INI blocks.
func typed(p *page) []string {
	var lines []string
	for _, b := range p.blocks {
		if b.language == "json" || b.language == "ini" {
			lines = append(lines, b.text)
		}
		for _, line := range b.commands() {
			line, _, _ = strings.Cut(line, "  #")
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return unique(lines)
}

// translation returns the Japanese version of a page, or nil.
func translation(all map[string]*page, name string) *page {
	if !strings.Contains(name, "/") {
		return all[strings.TrimSuffix(name, ".md")+".ja.md"]
	}
	return all["docs/ja/"+path.Base(name)]
}
