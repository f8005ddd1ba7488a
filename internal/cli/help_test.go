package cli

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// helpProgram is one that has no terminal.
func helpProgram(env map[string]string) *program {
	return &program{System: System{Args: []string{name}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Getenv: func(name string) string { return env[name] }, StdinIsTerminal: func() bool { return false }}}
}

// No line of a help text is wider than the terminal, and no word is broken.
func TestHelpFits(t *testing.T) {
	p := helpProgram(nil)
	app := p.app()
	topics := map[string]func(helpText){"": func(h helpText) { h.program(app) }}
	for _, c := range app.Commands {
		topics[c.Name] = func(h helpText) { h.command(c) }
	}
	for command, explain := range topics {
		var wide strings.Builder
		explain(helpText{out: &wide, columns: 1000})
		for _, columns := range []int{62, helpColumns, 132} {
			var text strings.Builder
			explain(helpText{out: &text, columns: columns})
			if !slices.Equal(strings.Fields(text.String()), strings.Fields(wide.String())) {
				t.Errorf("other words at %d columns:\n%s", columns, &text)
			}
			if columns == helpColumns {
				text.WriteString(p.helpBelow(command))
			}
			for line := range strings.Lines(text.String()) {
				if got := printable.Columns(strings.TrimRight(line, "\n")); got > columns && !strings.HasPrefix(line, "    ") && !strings.Contains(line, " = ") {
					t.Errorf("%d columns, not %d: %s", got, columns, line)
				}
			}
		}
	}
}

// Each command has examples, but git's operations, and a page in both languages.
func TestHelpLeadsOn(t *testing.T) {
	app := helpProgram(nil).app()
	for _, c := range app.Commands {
		if c.Category == operationsCategory {
			continue
		}
		if len(examplesOf(c.Name)) == 0 && c.Name != "completion" { // which is one example
			t.Errorf("%s has no example", c.Name)
		}
		for _, folder := range []string{"docs", "docs/ja"} {
			if _, err := os.Stat(filepath.Join("../..", filepath.FromSlash(folder), pageOf(c.Name))); err != nil {
				t.Error(err)
			}
		}
	}
	if below := helpProgram(map[string]string{"LANG": "ja_JP.UTF-8"}).helpBelow("doctor"); !strings.Contains(below, "doctor.md in\n  "+documents+"/ja\n") {
		t.Error(below)
	}
}

func TestWrongOption(t *testing.T) {
	for line, want := range map[string]string{
		"--nonsense get":                  "unknown option --nonsense",
		"login --refesh":                  "unknown option --refesh",
		"login -refesh":                   "unknown option -refesh",
		"--profile a status --jsn=1":      "unknown option --jsn",
		"login --profile":                 "--profile needs a value",
		"status --json=perhaps":           "--json=perhaps: not true or false",
		"--keyring file doctor --polcy x": "unknown option --polcy",
		"---profile a status":             "unknown option ---profile",
		"--=a status":                     "unknown option --",
		"doctor URL --polcy x":            "unknown option --polcy",
		"doctor URL --policy":             "--policy needs a value",
		"doctor URL --json=x":             "--json=x: not true or false",
	} {
		p := helpProgram(nil)
		p.Args = append(p.Args, strings.Fields(line)...)
		if got := p.run(t.Context()); got.Error() != want {
			t.Errorf("%s: %v, want %s", line, got, want)
		}
	}
	p := helpProgram(nil)
	for line, want := range map[string][]string{
		"login --refesh":              {"did you mean --refresh?", name + " help login"},
		"--profile a status --jsn=1":  {"did you mean --json?", name + " help status"},
		"doctor --nonsense":           {name + " help doctor"},
		"--nonsense":                  {name + " help"},
		"--profile login --nonsense1": {name + " help"},
	} {
		p.Args = append([]string{name}, strings.Fields(line)...)
		if got := p.hints(p.run(t.Context())); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
