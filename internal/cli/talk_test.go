package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// full is a disk that is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestOutputOnAFullDisk: a script that redirects the output must be told that
// there is none.
func TestOutputOnAFullDisk(t *testing.T) {
	newConfigureHome(t)
	t.Setenv("GIT_CREDENTIAL_MFA_KEYRING", "none")
	for _, line := range []string{"version", "--version", "help", "help login", "login --help", "status", "status --json",
		"completion bash", "capability", "configure --dry-run", "doctor --offline"} {
		var stderr bytes.Buffer
		status := Run(context.Background(), System{
			Args: append([]string{name}, strings.Fields(line)...), Version: "test", Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &stderr,
			Getenv: os.Getenv, Setenv: func(_, _ string) error { return nil }, StdinIsTerminal: func() bool { return false }, StdinWasClosed: func() bool { return false },
		})
		if status != 1 || !strings.Contains(stderr.String(), "error: ") || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%s: exit %d\n%s", line, status, stderr.String())
		}
	}
}

// TestTellNamesTheProgram: before errors, warnings and hints; and before everything
// where git or an SDK runs the program.
func TestTellNamesTheProgram(t *testing.T) {
	for _, c := range []struct{ args, text, want string }{
		{"login", "session of %s", "session of x\n"},
		{"login", "error: %s", name + ": error: x\n"},
		{"login", "warning: %s", name + ": warning: x\n"},
		{"login", "hint: %s", name + ": hint: x\n"},
		{"--profile p get", "asking %s", name + ": asking x\n"},
		{"credential-process", "asking %s", name + ": asking x\n"},
	} {
		var stderr bytes.Buffer
		p := &program{System: System{Args: append([]string{name}, strings.Fields(c.args)...), Stderr: &stderr, StdinIsTerminal: func() bool { return false }}}
		if p.tell(c.text, "x"); stderr.String() != c.want {
			t.Errorf("%s: %q, want %q", c.args, &stderr, c.want)
		}
	}
}

// TestBroken: what a hint ends in stays whole.
func TestBroken(t *testing.T) {
	const width = 40
	for _, c := range []struct {
		text string
		hint bool
		want string
	}{
		{name + ": hint: try: git x", true, name + ": hint: try: git x"},
		{name + ": hint: it was in the clear until now; to replace it: " + name + " keys rotate --profile x", true,
			name + ": hint: it was in the\n  clear until now; to replace it:\n  " + name + " keys rotate --profile x"},
		{name + ": hint: SSH keys can't carry MFA, and are not used", true, name + ": hint: SSH keys can't\n  carry MFA, and are not used"},
		{name + ": error: reading the profile: there is none", false, name + ": error: reading the\n  profile: there is none"},
	} {
		if got := broken(c.text, width, c.hint); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestTalkSteersNoTerminal: an argument, or a file's name, holds anything.
func TestTalkSteersNoTerminal(t *testing.T) {
	newConfigureHome(t)
	const steering = "\x1b]0;x\a\u009b31m\u202e\r"
	for _, args := range [][]string{{"--" + steering, "status"}, {"configure", "--file", t.TempDir() + "/" + steering + "/x/y"}} {
		status, _, stderr := configure(t, args...)
		if status == 0 || strings.ContainsAny(stderr, steering[:1]+"\a\u009b\u202e\r") || !strings.Contains(stderr, "0;x") {
			t.Errorf("%q: exit %d\n%q", args, status, stderr)
		}
	}
}
