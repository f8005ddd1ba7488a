package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionScripts holds a script for each of shells. TestCompletionScripts
// writes them from the options and the templates in testdata/completion:
// text/template in the program would keep 2.7 MB of methods in it
// (docs/architecture.md).
//
//go:embed completion
var completionScripts embed.FS

var shells = []string{"bash", "zsh", "fish", "powershell"}

// profilesWord is the argument with which the scripts ask for the names of
// profiles, so that they need not read the AWS files in each shell's language.
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
		return errUsage{fmt.Errorf("name a shell: %s", strings.Join(shells, ", "))}
	case name == profilesWord:
		for _, name := range profileNames(p.Getenv) {
			fmt.Fprintln(p.Stdout, name)
		}
		return nil
	case slices.Contains(shells, name):
		script, err := completionScripts.ReadFile("completion/" + name)
		if err != nil {
			return err
		}
		_, err = p.Stdout.Write(script)
		return err
	default:
		return errUsage{fmt.Errorf("unknown shell %q: not one of %s", name, strings.Join(shells, ", "))}
	}
}
