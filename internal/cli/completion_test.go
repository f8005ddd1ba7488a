package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// The scripts in the program are those that the templates give for its commands
// and options.
func TestCompletionScripts(t *testing.T) {
	p := helpProgram(nil)
	for _, name := range shells {
		want := completionScript(t, name, p.app())
		file := filepath.Join("completion", name)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not up to date (%v): run UPDATE_GOLDEN=1 go test -run %s ./internal/cli", file, err, t.Name())
		}
	}
}

// completionScript returns the script of a shell for a program.
func completionScript(t *testing.T, name string, app *cli.App) []byte {
	t.Helper()
	functions := template.FuncMap{
		"quote": quoteFor(name), "join": strings.Join,
		// What stands in brackets, or before a colon, in zsh's _arguments.
		"spec": strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`).Replace,
	}
	script, err := template.New(name).Funcs(functions).ParseFiles(filepath.Join("testdata", "completion", name))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := script.Execute(&out, completedProgram(app)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// quoteFor returns what makes a text one word of a shell.
func quoteFor(name string) func(string) string {
	switch name {
	case "fish":
		return func(word string) string {
			return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(word) + "'"
		}
	case "powershell":
		return shell.QuotePowerShell
	}
	return shell.Quote
}

// completed is what can be completed at one place of the command line: behind
// the program, or behind a command.
type completed struct {
	Name, Usage string
	Flags       []completedFlag
	// Words are what the place takes beside flags.
	Words []string
	// Commands are those of the program.
	Commands []completed
	// Valued are all flags of the program that take a value.
	Valued []completedFlag
}

type completedFlag struct {
	Name, Usage string
	// Value is true for a flag that takes one: one of Words, a profile's
	// name, a file's, or, with none of these, anything.
	Value           bool
	Words           []string
	Profiles, Files bool
}

func completedProgram(app *cli.App) completed {
	program := completed{Name: app.Name, Usage: app.Usage, Flags: completedFlags(app.VisibleFlags())}
	for _, c := range app.VisibleCommands() {
		program.Commands = append(program.Commands, completed{Name: c.Name, Usage: c.Usage, Flags: completedFlags(c.VisibleFlags())})
		program.Words = append(program.Words, c.Name)
	}
	seen := map[string]bool{}
	for i, c := range program.Commands {
		switch c.Name {
		case "help":
			program.Commands[i].Words = program.Words
		case "completion":
			program.Commands[i].Words = shells
		case "keys":
			program.Commands[i].Words = keyActions
		}
		for _, f := range append(c.Flags, program.Flags...) {
			if f.Value && !seen[f.Name] {
				seen[f.Name] = true
				program.Valued = append(program.Valued, f)
			}
		}
	}
	return program
}

// completedFlags describes the flags.
func completedFlags(flags []cli.Flag) []completedFlag {
	values := map[string][]string{"prompt": prompt.Modes, "keyring": keyringNames, "code": {"-"}}
	var described []completedFlag
	for _, flag := range flags {
		documented, ok := flag.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		usage := documented.GetUsage()
		name := flag.Names()[0]                                              // short forms gain nothing from completion
		short, _, _ := strings.Cut(strings.ReplaceAll(usage, "`", ""), " (") // without the other ways to set it
		described = append(described, completedFlag{Name: "--" + name, Usage: short, Value: documented.TakesValue(),
			Words: values[name], Profiles: name == "profile", Files: strings.Contains(usage, "`FILE`")})
	}
	return described
}

func TestProfileNames(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials")}
	getenv := func(name string) string { return env[name] }
	if got := profileNames(getenv); len(got) != 0 {
		t.Errorf("%q without files", got)
	}
	for name, text := range map[string]string{
		"config": "# [profile comment]\n[default]\r\nregion = x\n[profile work]\n[profile\t\"big team\"] # why\n[profile '日本']\n" +
			"[sso-session s]\n[services t]\n[profiles]\n[profile open\n[plain]\n [indented]\n[]\n",
		"credentials": "[default]\n[old style]\n[work]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := profileNames(getenv), []string{"big team", "default", "old style", "work", "日本"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}

// A flag that takes a value in one command and none in another could not be
// told apart by what stands before the cursor.
func TestFlagsAreOfOneKind(t *testing.T) {
	p := &program{System: System{Getenv: os.Getenv}}
	kind := map[string]bool{}
	for _, command := range p.app().Commands {
		for _, f := range completedFlags(command.Flags) {
			if value, seen := kind[f.Name]; seen && value != f.Value {
				t.Errorf("%s %s takes a value here only", command.Name, f.Name)
			}
			kind[f.Name] = f.Value
			if f.Usage == "" {
				t.Errorf("%s %s says nothing", command.Name, f.Name)
			}
		}
	}
}
