//go:build unix

package main

import (
	"regexp"
	"strings"
	"testing"
)

// read runs the commands of a block. A command of sh must succeed. A command of
// console must print the lines below it, in which "[...]" matches any lines.
func (r *reader) read(page string, b block) {
	r.t.Helper()
	if strings.Contains(b.text, "$code") {
		r.follow("code=" + r.freshCode())
	}
	for i, command := range b.commands() {
		if strings.Contains(command, "sudo") {
			r.t.Fatalf("%s:%d: %s: a test must not change the machine; put <!-- not run: WHY --> above the block", page, b.line, command)
		}
		shown, status := r.follow(command)
		// doctor exits with 1 for a finding, and with 2 for a failure.
		found := status == 1 && strings.HasPrefix(command, "git-credential-mfa doctor")
		if b.language == "sh" && status != 0 && !found {
			r.t.Errorf("%s:%d: %s: exit status %d\n%s", page, b.line, command, status, shown)
		}
		if b.language == "console" {
			want, got := r.plain(b.answer(i)), r.plain(shown)
			if !fits(lines(want), lines(got)) {
				r.t.Errorf("%s:%d: %s\nthe page says:\n%s\nit is:\n%s", page, b.line, command, want, got)
			}
		}
	}
}

// answer returns the lines below the n-th command of a console block.
func (b block) answer(n int) string {
	parts := strings.Split("\n"+strings.ReplaceAll(b.text, "\\\n", " "), "\n$ ")
	_, answer, _ := strings.Cut(parts[n+1], "\n")
	return answer
}

// changing is what differs from run to run, and its replacement.
var changing = []struct {
	pattern *regexp.Regexp
	to      string
}{
	// The version, which go build takes from the commit.
	{regexp.MustCompile(`\(git-credential-mfa [^)]+\)`), "(git-credential-mfa devel, linux/amd64)"},
	// Progress, which is printed only on a busy machine.
	{regexp.MustCompile(`(waiting for [A-Za-z ]+|looked at [a-z, ]+) \.\.\.\r *\r`), ""},
	// A terminal overwrites a line of progress with what follows.
	{regexp.MustCompile(`(?m)^.*\r([^\r\n])`), "$1"},
	{regexp.MustCompile(`\r`), ""},
	// configure warns that the sandbox is in a temporary folder.
	{regexp.MustCompile(`(?m)^.*is in a temporary folder.*\n`), ""},
	// git's progress, which depends on its version and the time.
	{regexp.MustCompile(`(?m)^(remote: .*|Receiving objects: .*|Resolving deltas: .*|Unpacking objects: .*)\n`), ""},
	{regexp.MustCompile(`\b\d{6}\b`), "123456"},
	{regexp.MustCompile(`\b\d+h\d+m\b`), "11h59m"},
	{regexp.MustCompile(`until \d\d:\d\d( tomorrow)? \((\d+ h )?\d+ min left\)`), "until 05:40 tomorrow (11 h 59 min left)"},
	{regexp.MustCompile(`\b59m left`), "1h0m left"},
	{regexp.MustCompile(`(\.\.\.|…)[A-Z0-9]{4}\b`), "...ABCD"},
	{regexp.MustCompile(`(?m)^keyring: \S+$`), "keyring: file"},
	{regexp.MustCompile(`keyring \((file|secret-service)\)`), "keyring (file)"},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
}

// plain replaces what differs from run to run. Alice's home becomes /home/alice.
func (r *reader) plain(text string) string {
	text = strings.ReplaceAll(text, r.home, "/home/alice")
	for _, c := range changing {
		text = c.pattern.ReplaceAllString(text, c.to)
	}
	return text
}

func lines(text string) []string { return strings.Split(strings.Trim(text, "\n"), "\n") }

// fitsLine reports whether a line matches a pattern, in which "[...]" matches any
// text.
func fitsLine(pattern, shown string) bool {
	before, after, open := strings.Cut(pattern, "[...]")
	if !open {
		return pattern == shown
	}
	return len(shown) >= len(before)+len(after) && strings.HasPrefix(shown, before) && strings.HasSuffix(shown, after)
}

// fits reports whether lines match a pattern, in which "[...]" matches any number
// of lines.
func fits(pattern, shown []string) bool {
	for i, line := range pattern {
		if strings.TrimSpace(line) == "[...]" {
			for j := i; j <= len(shown); j++ {
				if fits(pattern[i+1:], shown[j:]) {
					return true
				}
			}
			return false
		}
		if i >= len(shown) || !fitsLine(line, shown[i]) {
			return false
		}
	}
	return len(pattern) == len(shown)
}

func TestDocsFits(t *testing.T) {
	for _, c := range []struct {
		pattern, shown string
		want           bool
	}{
		{"a\nb", "a\nb", true}, {"a\nb", "a\nc", false}, {"a", "a\nb", false}, {"a\nb", "a", false},
		{"a\n[...]", "a\nb\nc", true}, {"a\n[...]\nc", "a\nb\nb\nc", true}, {"a\n[...]\nc", "a\nb", false},
		{"a [...] c", "a b c", true}, {"a [...] c", "a b d", false}, {"ab[...]bc", "abc", false},
		{"[...]\nc", "c", true}, {"a\n  [...]\nb\n[...]", "a\nb", true},
	} {
		if got := fits(lines(c.pattern), lines(c.shown)); got != c.want {
			t.Errorf("%q fits %q: %v", c.shown, c.pattern, got)
		}
	}
}
