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
		if p.ByHand = true; p.forbidden() != nil {
			t.Errorf("%v: forbidden to login too", c.env)
		}
		if p.Mode = "none"; !errors.Is(p.forbidden(), ErrForbidden) {
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
	for d, want := range map[time.Duration][2]string{
		2 * time.Minute: {"2 minutes", "2 分"}, 119*time.Second + 600*time.Millisecond: {"2 minutes", "2 分"}, time.Minute: {"1 minute", "1 分"},
		68 * time.Second: {"1 minute 10 seconds", "1 分 10 秒"}, 117 * time.Second: {"2 minutes", "2 分"}, 31 * time.Second: {"31 seconds", "31 秒"},
		time.Second: {"1 second", "1 秒"}, 0: {"0 seconds", "0 秒"}, -time.Second: {"0 seconds", "0 秒"},
	} {
		if got := spoken(d); got.English != want[0] || got.Japanese != want[1] {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
	}
}

// A question fits the terminal, with room for six digits behind it.
func TestFitted(t *testing.T) {
	const device = "arn:aws:iam::123456789012:mfa/alice-phone"
	for _, c := range []struct {
		question string
		columns  int
		want     string
	}{
		{"AWS MFA for profile default (" + device + ")\n6-digit code: ", 80, "AWS MFA for profile default (" + device + ")\n6-digit code: "},
		{"AWS MFA for profile a-long-name-of-a-profile (" + device + ")\n6-digit code: ", 80, "AWS MFA for profile a-long-name-of-a-profile\n  (" + device + ")\n6-digit code: "},
		{strings.Repeat("word ", 14) + "word? [y/N] ", 80, strings.Repeat("word ", 14) + "\n  word? [y/N] "},
		{"which?\n  1  a\n  2  b\nnumber, 1 to 2: ", 80, "which?\n  1  a\n  2  b\nnumber, 1 to 2: "},
	} {
		want := strings.ReplaceAll(c.want, " \n", "\n")
		if got := fitted(c.question, c.columns); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
