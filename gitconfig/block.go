package gitconfig

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Section is a section of our block: the helper for the URLs to which a label
// applies.
type Section struct{ Label, Helper string }

// Our block is between two comments. "git config" would add to an older section
// of the same name, and "git config --remove-section" would remove the user's
// lines too, so the block is edited as text.
const (
	beginMark = "# git-credential-mfa: begin"
	endMark   = "# git-credential-mfa: end"
	// joined notes that the file's last line had no line end, so that it can be
	// restored.
	joined = " (the line above had no line end)"
	// created notes that the file was made for the block, so that it can be removed.
	created = " (this file was made for it)"
	undo    = " (to take this out: git-credential-mfa unconfigure)"
)

// Sections returns the sections of our block in a file's text.
func Sections(text []byte) []Section {
	var sections []Section
	lines := splitLines(text)
	for at := findSpan(lines, 0); at.ok; at = findSpan(lines, at.end) {
		var last setting
		for _, s := range parseFile(bytes.Join(lines[at.start:at.end], nil)) {
			reset := last.key == "helper" && last.value == "" && last.label == s.label
			if reset && s.key == "helper" && s.value != "" && isCodeCommit(s.label) {
				sections = merge(sections, Section{s.label, s.value})
			}
			last = s
		}
	}
	return sections
}

// merge adds a section, in place of an older one with the same label.
func merge(sections []Section, s Section) []Section {
	for i := range sections {
		if sections[i].Label == s.Label {
			sections[i] = s
			return sections
		}
	}
	return append(sections, s)
}

// With returns a file's text with our block in it once, at its position. The
// text of a file that does not exist is nil. leads reports whether the file at
// an include's path has a helper for CodeCommit; it may be nil.
func With(text []byte, sections []Section, leads func(path string) bool) []byte {
	lines, old := splitLines(text), -1
	made := text == nil
	if at := findSpan(lines, 0); at.ok {
		old = len(bytes.Join(lines[:at.start], nil))
		made = strings.Contains(string(lines[at.start]), created)
	}
	rest := Without(text)
	at := position(rest, min(old, len(rest)), sections, leads)
	end, begin := lineEnd(rest), beginMark
	if made {
		begin += created
	}
	out := bytes.Clone(rest[:at])
	if at > 0 && rest[at-1] != '\n' {
		begin += joined
		out = append(out, end...)
	}
	out = append(out, blockText(sections, begin, end)...)
	return append(out, rest[at:]...)
}

// Block returns the text of our block alone.
func Block(sections []Section) string { return blockText(sections, beginMark, "\n") }

// blockText returns the text of the block. The empty helper removes those
// before it, such as osxkeychain, which would store the password and answer
// with it after it has expired. With proactiveAuth git 2.46 and later sends the
// password with its first request, which saves one round trip of each fetch and
// push.
func blockText(sections []Section, begin, end string) string {
	lines := []string{begin}
	for _, s := range sections {
		lines = append(lines,
			`[credential "`+s.Label+`"]`,
			"\thelper =",
			"\thelper = "+escapeValue(s.Helper),
			"\tuseHttpPath = true",
			`[http "`+s.Label+`"]`,
			"\tproactiveAuth = basic")
	}
	lines = append(lines, endMark+undo)
	return strings.Join(lines, end) + end
}

// Without returns a file's text without our block. Lines that somebody has
// added within it stay. It is nil if nothing is left of a file that was made
// for the block.
func Without(text []byte) []byte {
	lines, made := splitLines(text), false
	for at := findSpan(lines, 0); at.ok; at = findSpan(lines, 0) {
		kept := strangers(lines[at.start:at.end])
		before, after := lines[:at.start], lines[at.end:]
		made = made || strings.Contains(string(lines[at.start]), created)
		if strings.Contains(string(lines[at.start]), joined) && len(kept)+len(after) == 0 && len(before) > 0 {
			before = append(before[:len(before)-1:len(before)-1], unjoin(before[len(before)-1], lines[at.start]))
		}
		lines = append(append(before[:len(before):len(before)], kept...), after...)
	}
	if made && len(lines) == 0 { // mutation: a file made for the block goes with it
		return nil
	}
	return bytes.Join(lines, nil)
}

// unjoin removes the line end that With put before the block. It has the form
// of the block's line ends, since a carriage return before it may be the
// user's.
func unjoin(line, begin []byte) []byte {
	if bytes.HasSuffix(begin, []byte("\r\n")) {
		return bytes.TrimSuffix(line, []byte("\r\n"))
	}
	return bytes.TrimSuffix(line, []byte("\n"))
}

// splitLines splits a text into lines with their line ends.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// lineEnd returns the last line end in a text.
func lineEnd(text []byte) string {
	if i := bytes.LastIndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// Hosts returns the labels that apply to every CodeCommit host. A star matches one
// whole label of a host name, so each form of a host needs its own.
func Hosts() []string {
	return []string{
		"https://git-codecommit.*.amazonaws.com",
		"https://git-codecommit-fips.*.amazonaws.com",
		"https://git-codecommit.*.amazonaws.com.cn",
		"https://git-codecommit.*.amazonaws.eu",
		"https://*.git-codecommit.*.vpce.amazonaws.com",
		"https://*.git-codecommit-fips.*.vpce.amazonaws.com",
	}
}

// RegionHosts returns the labels for one region without wildcards, for git before
// 2.26, and for programs such as cargo, which look for the exact host (git2-rs,
// src/cred.rs). The names of interface endpoints are not known.
func RegionHosts(region string) []string {
	suffix := "." + region + "." + codecommit.DNSSuffix(region)
	labels := []string{"https://git-codecommit" + suffix}
	if codecommit.DNSSuffix(region) == "amazonaws.com" { // FIPS is the USA's and Canada's
		labels = append(labels, "https://git-codecommit-fips"+suffix)
	}
	return labels
}

// Plan returns the sections of our block in the order in which git reads them:
// hosts, then single repositories, which override hosts. New sections for hosts
// replace all old ones; others are added. Old sections that stay run the
// program at its present path, with the options that they had.
func Plan(old, wanted []Section, path string) ([]Section, error) {
	hosts, repositories := split(wanted)
	oldHosts, oldRepositories := split(old)
	if len(hosts) == 0 {
		hosts = oldHosts
	}
	sections := append([]Section(nil), hosts...)
	for _, s := range append(oldRepositories, repositories...) {
		sections = merge(sections, s)
	}
	for i, s := range sections {
		if slices.Contains(wanted, s) {
			continue
		}
		helper, err := withProgram(s.Helper, path)
		if err != nil {
			return nil, err
		}
		sections[i].Helper = helper
	}
	return sections, nil
}

// Read returns the sections of our block in a file. A file that does not exist has
// none.
func Read(file string) ([]Section, error) {
	text, _, err := read(file)
	return Sections(text), err
}

func split(sections []Section) (hosts, repositories []Section) {
	for _, s := range sections {
		_, rest, _ := strings.Cut(s.Label, "://")
		if strings.Contains(rest, "/") {
			repositories = append(repositories, s)
		} else {
			hosts = append(hosts, s)
		}
	}
	return hosts, repositories
}

// position returns the offset of the block in a file's text, from which the
// block was removed. It stays where it was (old, or -1) unless a later setting
// keeps git from asking only the block's helpers. Then it moves to the end,
// where a new block is, but never after an include that leads to a helper for
// CodeCommit: AWS's documentation recommends one profile for each folder by
// includeIf.
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

// spoiled reports whether the text after our block changes what git does for the
// block's sections.
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

// maxDepth is git's limit for nested includes (MAX_INCLUDE_DEPTH in config.c).
const maxDepth = 10

// leads returns a function for the includes of a file. It reports whether the
// included file has a helper for CodeCommit, or includes a file that has one.
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

// included returns the text of an included file, or nil if it can't be read.
func included(path string) []byte {
	text, _ := regularfile.Read(context.Background(), path)
	return text
}

// span is the place of our block among the lines of a file.
type span struct {
	start, end int
	ok         bool
}

// findSpan finds our block at or after a line. One of its marks may be missing,
// since "git config --remove-section" also removes comments before the next
// section. Then the block extends as far as the lines look like ours.
func findSpan(lines [][]byte, from int) span {
	for i := from; i < len(lines); i++ {
		switch {
		case isMark(lines[i], beginMark):
			return span{i, endOf(lines, i+1), true}
		case isMark(lines[i], endMark):
			return span{startOf(lines[:i], from), i + 1, true}
		}
	}
	return span{}
}

// startOf returns the first line of the block that ends after some lines. It is a
// header, since lines above our first header are not ours.
func startOf(lines [][]byte, from int) int {
	start := len(lines)
	for i := len(lines) - 1; i >= from && isOwn(lines[i]); i-- {
		if _, header := ownHeader(lines[i]); header {
			start = i
		}
	}
	return start
}

// endOf returns the line after the block that has begun before line i.
func endOf(lines [][]byte, i int) int {
	for j := i; j < len(lines) && !isMark(lines[j], beginMark); j++ {
		if isMark(lines[j], endMark) {
			return j + 1
		}
	}
	for i < len(lines) && isOwn(lines[i]) {
		i++
	}
	return i
}

func isMark(line []byte, mark string) bool { return bytes.HasPrefix(line, []byte(mark)) }

// isOwn reports whether a line looks like one of ours, wherever it stands.
func isOwn(line []byte) bool {
	if isMark(line, beginMark) || isMark(line, endMark) {
		return false
	}
	if label, ok := ownHeader(line); ok {
		return isCodeCommit(label)
	}
	found := parseFile(line)
	return len(found) == 1 && isOwnSetting(found[0], false)
}

// ownHeader returns the label of a line that is exactly [credential "LABEL"] or
// [http "LABEL"].
func ownHeader(line []byte) (label string, ok bool) {
	text := strings.TrimRight(string(line), "\r\n")
	section, text, ok := strings.Cut(text, ` "`)
	label, end := strings.CutSuffix(text, `"]`)
	return label, ok && end && (section == "[credential" || section == "[http") && !strings.ContainsAny(label, `"\`)
}

func isCodeCommit(label string) bool { return strings.Contains(label, "git-codecommit") }

// isOwnSetting reports whether a setting is one of the block's. The helper
// after the empty one is, whatever its program is called.
func isOwnSetting(s setting, afterReset bool) bool {
	switch s.key {
	case "helper":
		return s.set && (s.value == "" || afterReset || Ours(s.value))
	case "usehttppath":
		return s.set && s.value == "true"
	case "proactiveauth":
		return s.set && s.value == "basic"
	}
	return false
}

// strangers returns the lines of a block that are not ours, with the headers of
// their sections. "git config" adds settings to the last section of a name,
// which may be one of ours.
func strangers(block [][]byte) [][]byte {
	var kept [][]byte
	var header []byte // of our section, until it is kept
	ours, afterReset := true, false
	for _, line := range block {
		found := parseFile(line)
		text := bytes.TrimSpace(line)
		switch {
		case isMark(line, beginMark), isMark(line, endMark):
		case len(text) > 0 && text[0] == '[':
			label, ok := ownHeader(line)
			ours, header = ok && isCodeCommit(label), line
			if !ours {
				kept = append(kept, line)
			}
		case ours && len(text) == 0:
		case ours && len(found) == 1 && isOwnSetting(found[0], afterReset):
			afterReset = found[0].key == "helper" && found[0].value == ""
			continue
		default:
			if ours && header != nil && len(found) > 0 {
				kept = append(kept, header)
				header = nil
			}
			kept = append(kept, line)
		}
		afterReset = false
	}
	return kept
}
