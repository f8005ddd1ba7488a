//go:build unix

package main

import (
	"path/filepath"
	"testing"
)

// At a real keyboard: what Tab puts into the line, in the two shells that let
// nobody look but at the screen. echo shows the line that was completed.
func TestCompletionTab(t *testing.T) {
	t.Parallel()
	for shell, start := range map[string][]string{
		"bash": {"--norc", "--noprofile", "-i"},
		"zsh":  {"-f", "-i"},
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			l, script := shellLab(t, shell)
			s := l.shell(shell, start...)
			// git-credential-mfa itself is not run: a function stands in for it,
			// except for the names of profiles.
			s.types("PS1='ready> '; git() { printf 'line<%s>' git \"$@\"; echo; };\n")
			if shell == "zsh" {
				s.types("fpath=(" + filepath.Dir(script) + " $fpath); cp " + script + " " + filepath.Dir(script) + "/_git-credential-mfa\n")
				s.types("autoload -Uz compinit; compinit -D -u\n")
			} else {
				s.types(". " + gitCompletion + "; . " + script + "\n")
			}
			for _, c := range []struct{ typed, line string }{
				{"git credential-mfa logi\t--pro\t", "line<git>line<credential-mfa>line<login>line<--pro"},
				{"git credential-mfa --prompt as\tlogin --ref\t", "line<git>line<credential-mfa>line<--prompt>line<askpass>line<login>line<--refresh>"},
				{"git credential-mfa --profile bi\tstatu\t", "line<git>line<credential-mfa>line<--profile>line<big team>line<status>"},
				{"git credential-mfa --profile team:p\tstatu\t", "line<--profile>line<team:prod>line<status>"},
				{"git credential-mfa --prompt=as\tstatu\t", "line<--prompt=askpass>line<status>"},
			} {
				s.types(c.typed)
				s.types("\n")
				s.shows(c.line)
			}
			// The same by the program's own name, which the shell runs.
			s.types("git-credential-mfa --prompt=no\tversi\t\n")
			s.shows("git-credential-mfa " + shownVersion(l))
		})
	}
}
