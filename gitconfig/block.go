package gitconfig

import (
	"bytes"
	"strings"
)

// Section is one section of our block: the helper for the URLs that a label
// means.
type Section struct{ Label, Helper string }

// Our block lies between two comments. "git config" would add to an older
// section of the same name, and "git config --remove-section" would take the
// user's lines along, so text is written and taken out instead.
const (
	beginMark = "# git-credential-mfa: begin"
	endMark   = "# git-credential-mfa: end"
	// joined says that the file's last line had no end, so that it can be put
	// back as it was.
	joined = " (the line above had no line end)"
	// created says that there was no such file, so that it can go again.
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

// With returns a file's text with our block in it once, at its position; nil is
// the text of a file that is not there. leads
// reports whether the file at an include's path has a helper for CodeCommit;
// without it there are no includes.
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

// blockText words the block. The empty helper forgets those before it: osxkeychain
// and its like would store the password, which is good for 15 minutes, and
// answer with it afterwards. With proactiveAuth git (2.46 and later; older ones
// ignore it) sends the password with its first request, where it would send one
// only to be refused: one round trip of each fetch and push.
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
	if made && len(lines) == 0 {
		return nil
	}
	return bytes.Join(lines, nil)
}

// unjoin takes away the line end that With put before the block: the block's
// own, since a carriage return before it may be the user's.
func unjoin(line, begin []byte) []byte {
	if bytes.HasSuffix(begin, []byte("\r\n")) {
		return bytes.TrimSuffix(line, []byte("\r\n"))
	}
	return bytes.TrimSuffix(line, []byte("\n"))
}

// splitLines keeps the line ends.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// lineEnd is how the last line of a text ends that does.
func lineEnd(text []byte) string {
	if i := bytes.LastIndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
