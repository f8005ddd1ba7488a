package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

//go:embed completion
var completionScripts embed.FS

var shells = []string{"bash", "zsh", "fish", "powershell"}

// profilesWord is the argument by which the scripts ask for the names of
// profiles: one reader of AWS's files instead of one in each shell's language.
const profilesWord = "profiles"

func (p *program) completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print a script that completes words in a shell", ArgsUsage: strings.Join(shells, "|"),
		Description: "bash:\n" +
			"    git-credential-mfa completion bash \\\n" +
			"      >~/.local/share/bash-completion/completions/git-credential-mfa\n" +
			"zsh (FOLDER is one of $fpath):\n" +
			"    git-credential-mfa completion zsh >FOLDER/_git-credential-mfa\n" +
			"fish:\n" +
			"    git-credential-mfa completion fish \\\n" +
			"      >~/.config/fish/completions/git-credential-mfa.fish\n" +
			"PowerShell:\n" +
			"    git-credential-mfa completion powershell | Out-String | Invoke-Expression\n\n" +
			"bash and zsh then complete \"git credential-mfa\" too.",
		Action: p.completion,
	}
}

func (p *program) completion(c *cli.Context) error {
	switch name := c.Args().First(); {
	case c.NArg() != 1:
		return errUsage{fmt.Errorf("which shell: %s", strings.Join(shells, ", "))}
	case name == profilesWord:
		for _, name := range profileNames(p.Getenv) {
			fmt.Fprintln(p.Stdout, name)
		}
		return nil
	case slices.Contains(shells, name):
		return p.printCompletion(name, c.App)
	default:
		return errUsage{fmt.Errorf("unknown shell %q: not one of %s", name, strings.Join(shells, ", "))}
	}
}

func (p *program) printCompletion(name string, app *cli.App) error {
	functions := template.FuncMap{
		"quote": quoteFor(name), "join": strings.Join,
		// What stands in brackets, or before a colon, in zsh's _arguments.
		"spec": strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`).Replace,
	}
	script, err := template.New(name).Funcs(functions).ParseFS(completionScripts, "completion/"+name)
	if err != nil {
		return err
	}
	return script.Execute(p.Stdout, completedProgram(app))
}

// quoteFor returns what makes a text one word of a shell.
func quoteFor(name string) func(string) string {
	switch name {
	case "fish":
		return shell.QuoteFish
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
		program.Commands = append(program.Commands, completed{Name: c.Name, Usage: c.Usage, Flags: completedFlags(append(c.VisibleFlags(), cli.HelpFlag))})
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

// completedFlags describes the flags, each once: the library adds --help to a
// command that runs.
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
		f := completedFlag{Name: "--" + name, Usage: short, Value: documented.TakesValue(),
			Words: values[name], Profiles: name == "profile", Files: strings.Contains(usage, "`FILE`")}
		if !slices.ContainsFunc(described, func(other completedFlag) bool { return other.Name == f.Name }) {
			described = append(described, f)
		}
	}
	return described
}
