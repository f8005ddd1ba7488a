package cli

import (
	"github.com/git-credential-mfa/git-credential-mfa/internal/spelling"

	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
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
