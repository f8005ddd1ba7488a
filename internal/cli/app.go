package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/spelling"
)

const description = `A credential helper that makes MFA genuinely present in git's access to AWS
CodeCommit: it asks once for the code, gets a session from STS
(sts:GetSessionToken), keeps it in the keyring of the operating system, and
signs each password with it.

git runs it by itself once it is configured:

  git-credential-mfa configure

Exit status: 0 done, 1 failed (the reason is on stderr), 2 usage, 130 Ctrl-C.`

func (p *program) app() *cli.App {
	app := &cli.App{
		Name: name, HelpName: name, Version: p.Version,
		Usage:       "git clones from CodeCommit with MFA",
		UsageText:   name + " [global options] COMMAND [options]",
		Description: description,
		Reader:      p.Stdin, Writer: p.Stdout, ErrWriter: p.Stderr,
		Flags:    append(globalFlags(), cli.HelpFlag), // the library adds it only with its own help command
		Commands: append(p.operations(), p.commands()...),
		Action:   p.noCommand,
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return errUsage{err}
		},
		ExitErrHandler:        func(*cli.Context, error) {}, // Run exits
		HideHelpCommand:       true,
		CustomAppHelpTemplate: appHelp,
	}
	for _, c := range app.Commands {
		c.OnUsageError = app.OnUsageError
		c.HideHelpCommand = true
		c.CustomHelpTemplate = commandHelp
		if c.Category != operationsCategory {
			// People write options where they come to mind. The help of a
			// command shows those that it uses.
			c.Flags = append(c.Flags, globalFlagsOf(c.Name)...)
		}
	}
	return app
}

// noCommand is for no command and for unknown ones. gitcredentials(7) asks
// that unknown operations be ignored, for the sake of git's future ones. git
// sends an operation as one bare word, the last argument; a word with anything
// behind it, one that is almost a command's name, and one that was typed at a
// terminal are a person's typing errors.
func (p *program) noCommand(c *cli.Context) error {
	word := c.Args().First()
	switch {
	case word == "":
		return errUsage{errors.New("no command")}
	case c.Args().Len() > 1, p.StdinIsTerminal(), closest(word, c.App.Commands) != "": // mutation: a typing error is not success
		return errUsage{unknownCommand{word, closest(word, c.App.Commands), ""}}
	}
	p.trace("operation %q is unknown: ignored", word)
	return nil
}

// unknownCommand carries the command that was meant, or "", to the hint. before
// is what stands before it on the command line.
type unknownCommand struct{ word, meant, before string }

func (e unknownCommand) Error() string { return fmt.Sprintf("unknown command %q", e.word) }

// typingErrors is how many letters may be wrong in a command's name.
const typingErrors = 2

// closest returns the command that a word is almost the name of, or "". git's
// operations are none: their names are so short that many a word is close.
func closest(word string, commands []*cli.Command) (name string) {
	best := typingErrors + 1
	for _, command := range commands {
		if d := spelling.Distance(word, command.Name); d < best && command.Category != operationsCategory {
			best, name = d, command.Name
		}
	}
	return name
}

func (p *program) commands() []*cli.Command {
	return []*cli.Command{
		p.configureCommand(), p.unconfigureCommand(),
		p.loginCommand(), p.logoutCommand(), p.statusCommand(),
		p.doctorCommand(), p.credentialProcessCommand(), p.keysCommand(), p.enrollCommand(), p.completionCommand(),
		p.versionCommand(),
		{
			Name: "help", Usage: "explain the program, or one command", ArgsUsage: "[COMMAND]",
			Action: func(c *cli.Context) error {
				if !c.Args().Present() {
					return cli.ShowAppHelp(c)
				}
				if word := c.Args().First(); c.App.Command(word) == nil {
					return errUsage{unknownCommand{word, closest(word, c.App.Commands), "help "}}
				}
				return cli.ShowCommandHelp(c, c.Args().First())
			},
		},
	}
}

// noArguments refuses what a command would otherwise ignore in silence.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return errUsage{fmt.Errorf("unexpected argument %q", strings.Join(c.Args().Slice(), " "))}
	}
	return nil
}

func init() {
	cli.VersionPrinter = func(c *cli.Context) { fmt.Fprintf(c.App.Writer, "%s %s\n", name, c.App.Version) }
	cli.VersionFlag = &cli.BoolFlag{Name: "version", Usage: "print the version", DisableDefaultText: true}
	cli.HelpFlag = &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "explain the program, or one command", DisableDefaultText: true}
}

// appHelp and commandHelp are the library's templates without what this
// program has not (authors, copyright), and with room for long options. Of a
// command that has no option but --help, that is not worth a word.
const appHelp = `{{.Name}} - {{.Usage}}

usage: {{.UsageText}}

{{.Description}}

{{range .VisibleCategories}}{{if .Name}}{{.Name}}:
{{else}}Commands:
{{end}}{{range .VisibleCommands}}  {{printf "%-19s" .Name}} {{.Usage}}
{{end}}
{{end}}Global options:
{{range .VisibleFlags}}  {{.}}
{{end}}`

const commandHelp = `{{.HelpName}} - {{.Usage}}

usage: {{.HelpName}}{{if gt (len .VisibleFlags) 1}} [options]{{end}}{{if .ArgsUsage}} {{.ArgsUsage}}{{end}}
{{if .Description}}
{{.Description}}
{{end}}{{if gt (len .VisibleFlags) 1}}
Options:
{{range .VisibleFlags}}  {{.}}
{{end}}{{end}}`

// run runs the command. git's own are run without the library around them: it
// takes longer to build than the answer (docs/startup.md).
func (p *program) run(ctx context.Context) error {
	if c, action := p.direct(ctx); action != nil {
		return action(c)
	}
	return p.app().RunContext(ctx, p.Args)
}

// direct returns what to run for a plain "[options] OPERATION", as git has it
// from its configuration, or nil for all else: mistakes, help and what people
// type are the library's. The options are read by the parser that the library
// itself uses.
func (p *program) direct(ctx context.Context) (*cli.Context, cli.ActionFunc) {
	if len(p.Args) < 2 || slices.Contains(p.Args, "--") {
		return nil, nil
	}
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, o := range globalOptions {
		set.String(o.flag, "", "")
	}
	if err := set.Parse(p.Args[1:]); err != nil || set.NArg() != 1 {
		return nil, nil
	}
	for _, command := range p.operations() {
		if command.Name == set.Arg(0) {
			return cli.NewContext(nil, set, &cli.Context{Context: ctx}), command.Action
		}
	}
	return nil, nil
}
