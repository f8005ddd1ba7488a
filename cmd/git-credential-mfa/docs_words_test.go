package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
)

// codePages are the pages that explain doctor's codes under a heading for each.
var codePages = []string{"docs/doctor.md", "docs/ja/doctor.md"}

var (
	quoted  = regexp.MustCompile("`([^`\n]+)`")
	command = regexp.MustCompile(`(?m)(?:^\s*|\$ |[|&;(] *|Fix: |hint: |sudo |=\S+ )(?:\S*/)?git-credential-mfa(?:\.exe)?((?: [^\s'"|;&<>()]+)+)(<?)`)
)

// mentions returns this program's command lines in a page's blocks and code
// spans, without the values of options: "login --refresh".
func mentions(p *page) []string {
	text := strings.Join(matches(quoted.String(), p.prose()), "\n")
	for _, b := range p.blocks {
		text += "\n" + strings.ReplaceAll(b.text, "\\\n", " ")
	}
	for line := range strings.SplitSeq(p.text, "\n") {
		if strings.HasPrefix(line, "    ") {
			text += "\n" + line
		}
	}
	var found []string
	for _, match := range command.FindAllStringSubmatch(text, -1) {
		// A "<" follows an incomplete word, as in lo<Tab>.
		if words := spoken(strings.Fields(match[1])); words != "" && match[2] == "" {
			found = append(found, words)
		}
	}
	return unique(found)
}

// spoken returns the command and the options of a command line.
func spoken(words []string) string {
	var kept []string
	named := false
	for i := 0; i < len(words); i++ {
		name, _, _ := strings.Cut(words[i], "=")
		switch {
		case strings.HasPrefix(name, "#"):
			return strings.Join(kept, " ")
		case strings.HasPrefix(name, "--"):
			kept = append(kept, strings.TrimRight(name, ".,:"))
			if takesValue.MatchString(name) && name == words[i] {
				i++
			}
		case !named:
			named = true
			kept = append(kept, strings.TrimRight(name, ".,:"))
		}
	}
	return strings.Join(kept, " ")
}

// takesValue matches the options whose value is the next word.
var takesValue = regexp.MustCompile(`^--(profile|duration|mfa-serial|mfa-process|prompt|keyring|policy|scp|boundary|user|region|account|repo|file|code)$`)

// TestDocsCommandsExist: every command and option on a page exists.
func TestDocsCommandsExist(t *testing.T) {
	program := programOptions(t)
	for name, p := range pages(t) {
		for _, line := range mentions(p) {
			known := slices.Clone(program[global])
			for word := range strings.FieldsSeq(line) {
				option, long := strings.CutPrefix(word, "--")
				options, exists := program[word]
				switch {
				case long && !slices.Contains(known, option) && !hasOption(program, line, option):
					t.Errorf("%s: git-credential-mfa %s: there is no option %s here", name, line, word)
				case !long && !exists && isWord.MatchString(word):
					t.Errorf("%s: git-credential-mfa %s: there is no command %s", name, line, word)
				}
				known = append(known, options...)
			}
		}
	}
}

// isWord matches commands, but not placeholders such as COMMAND, URL and ….
var isWord = regexp.MustCompile(`^[a-z][a-z-]*$`)

// hasOption reports whether one of the line's commands has the option.
func hasOption(program map[string][]string, line, option string) bool {
	return slices.ContainsFunc(strings.Fields(line), func(word string) bool { return slices.Contains(program[word], option) })
}

// TestDocsNameEveryCommand: every command of the program is on a page in each
// language. TestManualOptions checks the options.
func TestDocsNameEveryCommand(t *testing.T) {
	var english, japanese string
	for name, p := range pages(t) {
		if strings.Contains(name, "ja/") || strings.Contains(name, ".ja.") {
			japanese += p.text
		} else {
			english += p.text
		}
	}
	for _, name := range slices.Sorted(maps.Keys(programOptions(t))) {
		named := regexp.MustCompile("[` ]" + name + "[` ]")
		if name != global && !(named.MatchString(english) && named.MatchString(japanese)) {
			t.Errorf("the pages of both languages do not name the command %s", name)
		}
	}
}

// TestDocsCodes: both languages explain every code of doctor, and every code on a
// page exists.
func TestDocsCodes(t *testing.T) {
	var codes []string
	for _, check := range doctor.Checks {
		codes = append(codes, check.Code)
	}
	all := pages(t)
	for _, name := range codePages {
		explained := matches(`(?m)^### (CCM\d{3})$`, all[name].text)
		for _, code := range codes {
			if !slices.Contains(explained, code) {
				t.Errorf("%s does not explain %s", name, code)
			}
		}
	}
	for name, p := range all {
		for _, code := range unique(matches(`(CCM\d{3})`, p.text)) {
			if !slices.Contains(codes, code) {
				t.Errorf("%s: doctor has no %s", name, code)
			}
		}
	}
}
