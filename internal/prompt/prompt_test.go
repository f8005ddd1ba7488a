package prompt

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// asker has nothing around it but what a test gives it.
func asker(mode string, env map[string]string) *Prompter {
	return &Prompter{
		Mode: mode, Getenv: func(k string) string { return env[k] },
		Interactive: func() string { return env["credential.interactive"] },
		AskPass:     func() string { return env["core.askPass"] },
		Trace:       func(string, ...any) {},
	}
}

// program makes something that can be run, and returns its path.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program.exe")
	if err := os.WriteFile(path, []byte("MZ"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{}, ""},
		{map[string]string{"GCM_INTERACTIVE": "auto", "credential.interactive": "always"}, ""},
		{map[string]string{"GCM_INTERACTIVE": "Never"}, "GCM_INTERACTIVE"},
		{map[string]string{"GCM_INTERACTIVE": "0"}, "GCM_INTERACTIVE"},
		{map[string]string{"credential.interactive": "false"}, "git's credential.interactive"},
		{map[string]string{"credential.interactive": "never"}, "git's credential.interactive"},
		{map[string]string{"VSCODE_GIT_FETCH_SILENT": "true"}, "VSCODE_GIT_FETCH_SILENT"},
	} {
		c.env["GIT_ASKPASS"] = program(t)
		p := asker("auto", c.env)
		w, err := p.way(Question{})
		if c.want == "" {
			if err != nil || w.name != "askpass" {
				t.Errorf("%v: %q, %v", c.env, w.name, err)
			}
			continue
		}
		if !errors.Is(err, ErrForbidden) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.env, err)
		}
		// Who typed login wants to be asked.
		if p.ByHand = true; p.forbidden() != "" {
			t.Errorf("%v: forbidden to login too", c.env)
		}
		if p.Mode = "none"; p.forbidden() != "--prompt none" {
			t.Errorf("%v: --prompt none is not heeded", c.env)
		}
	}
}

// The order without a terminal, which a test run in one can't be sure of.
func TestWay(t *testing.T) {
	ask := program(t)
	all := map[string]string{"GIT_ASKPASS": ask, "core.askPass": ask, "SSH_ASKPASS": ask, "GIT_TERMINAL_PROMPT": "0"}
	without := func(names ...string) map[string]string {
		env := map[string]string{}
		for k, v := range all {
			if !slices.Contains(names, k) {
				env[k] = v
			}
		}
		return env
	}
	jetbrains := without()
	jetbrains["GIT_ASKPASS_HANDLER"] = "1"
	for _, c := range []struct {
		name, mode, process string
		env                 map[string]string
		terminalOnly        string
		want                string
		err                 error
	}{
		{"process first", "auto", "ykman", all, "", "mfa_process", nil},
		{"askpass", "auto", "", all, "", "askpass", nil},
		{"core.askPass", "auto", "", without("GIT_ASKPASS"), "", "askpass", nil},
		{"SSH_ASKPASS", "auto", "", without("GIT_ASKPASS", "core.askPass"), "", "askpass", nil},
		{"nothing", "auto", "", without("GIT_ASKPASS", "core.askPass", "SSH_ASKPASS"), "", "", ErrImpossible},
		{"JetBrains, core.askPass left", "auto", "", jetbrains, "", "askpass", nil},
		{"askpass chosen", "askpass", "ykman", all, "", "askpass", nil},
		{"askpass chosen, none there", "askpass", "", without("GIT_ASKPASS", "core.askPass", "SSH_ASKPASS"), "", "", ErrImpossible},
		{"no desktop", "gui", "", all, "", "", ErrImpossible},
		{"terminal only", "auto", "ykman", all, "the keyring is locked", "", ErrImpossible},
		{"terminal only, askpass chosen", "askpass", "", all, "the keyring is locked", "", ErrImpossible},
	} {
		p := asker(c.mode, c.env)
		p.Process = c.process
		if d, err := p.dialog(); err == nil && c.terminalOnly == "" && (c.mode == "auto" || c.mode == "gui") && c.want == "" {
			c.want, c.err = d.name(), nil // Windows has one without any setting
		}
		w, err := p.way(Question{TerminalOnly: c.terminalOnly})
		if w.name != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", c.name, w.name, err)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	for _, c := range []struct {
		in      string
		windows bool
		want    []string
	}{
		{`op item get "My AWS" --otp`, false, []string{"op", "item", "get", "My AWS", "--otp"}},
		{`C:\tools\ykman.exe "C:\a b\c"`, true, []string{`C:\tools\ykman.exe`, `C:\a b\c`}},
		{"a$(b);c|d", false, []string{"a$(b);c|d"}}, // no shell reads it
		{`a "b`, false, nil}, {`a \`, false, nil}, {" ", false, nil}, {"", true, nil}, {`a "b`, true, nil},
	} {
		got, err := splitCommand(c.in, c.windows)
		if !slices.Equal(got, c.want) || (err != nil) != (c.want == nil) {
			t.Errorf("%s: %q, %v", c.in, got, err)
		}
	}
}

func TestSpoken(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2 * time.Minute: "2 minutes", 119*time.Second + 600*time.Millisecond: "2 minutes", time.Minute: "1 minute",
		68 * time.Second: "1 minute 10 seconds", 117 * time.Second: "2 minutes", 31 * time.Second: "31 seconds",
		time.Second: "1 second", 0: "0 seconds", -time.Second: "0 seconds",
	} {
		if got := spoken(d); got != want {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
	}
}
