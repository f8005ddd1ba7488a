// Package cli is the program less its ties to the system: it takes its
// arguments, streams and clock as values, and returns an exit status.
//
// The rules of what people see:
//
//   - stdout belongs to git's protocol, or to the output that was asked for.
//     All talk goes to stderr, or to the terminal (package prompt).
//   - An error is one line, "git-credential-mfa: error: doing: cause", and
//     below it "git-credential-mfa: hint: a command" for each thing that
//     fixes it. No capital at the beginning, no full stop at the end.
//   - For a host that is not CodeCommit's there is not one byte, on either
//     stream: the helper may be configured for every host.
//   - Nothing shown, traced or returned as an error holds a secret: no code
//     before it is spent, no key but its id, no session token, and no
//     username of git's, since that carries the session token.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
	"github.com/git-credential-mfa/git-credential-mfa/internal/spelling"
)

const name = "git-credential-mfa"

// System is what the program has of the system around it.
type System struct {
	// Args are the command line, with the program's name.
	Args []string
	// Version is the program's own, "1.2.3".
	Version string
	// Request reads git's request from stdin, the same each time that it is
	// called. The errors are those of credential.ReadRequest, and of reading.
	Request        func() (credential.Request, error)
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Setenv sets a variable for this process and those that it starts.
	Setenv func(name, value string) error
	// Passphrase is that of the file keyring. It is taken out of the
	// environment before, so that no child inherits it.
	Passphrase []byte
	// StdinIsTerminal reports whether stdin is a terminal, which git never gives.
	StdinIsTerminal func() bool
	// StdinWasClosed reports whether stdin was closed when the program started.
	StdinWasClosed func() bool
	// StdoutWasClosed reports whether stdout was closed when the program started.
	// It may be nil.
	StdoutWasClosed func() bool
	// CatchSignals makes signals end the context of Run instead of the process. It
	// may be called more than once, and may be nil.
	CatchSignals func()
	// Interrupted reports whether Ctrl-C was caught. It may be nil.
	Interrupted func() bool
	// ReaderGone returns a channel that is closed when the reader of stdout is
	// gone: a helper outlives a git that is killed. It may be nil.
	ReaderGone func(context.Context) <-chan struct{}
	// Started is when the process began.
	Started time.Time
	// Finish runs work that must be completed even after a signal. The work limits
	// its own time. It may be nil.
	Finish func(func())
}

// program is one run.
type program struct {
	System
	trace func(format string, args ...any)
	// asking is the command that asks the person, for hints; "" is login.
	asking string
	// settings are the last that resolve has read, for hints.
	settings settings
	// warned is true once the warning about the environment was shown.
	warned bool
	// keyring is the one that was opened last, for hints, or nil.
	keyring *cache.Store
	// progress shows at a terminal what the program waits for.
	progress progress
}

// errUsage is a mistake in the command line: exit status 2.
type errUsage struct{ error }

// errQuit is the error of a failed get: git is told to stop.
type errQuit struct{ error }

// errReported is the exit status of a command whose output already gives the
// reason.
type errReported int

func (e errReported) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func (e errUsage) Unwrap() error { return e.error }
func (e errQuit) Unwrap() error  { return e.error }

// Run runs the program and returns its exit status: 0 done, 1 failed, 2
// usage, 130 ended by Ctrl-C.
func Run(ctx context.Context, s System) int {
	p := &program{System: s, progress: progress{stderr: s.Stderr}}
	stdout := &output{to: s.Stdout}
	p.Stdout, p.Stderr = stdout, &output{to: s.Stderr}
	var closeTrace func()
	p.trace, closeTrace = openTrace(s.Getenv("GIT_CREDENTIAL_MFA_TRACE"), p.Stderr)
	defer closeTrace()
	if p.CatchSignals == nil {
		p.CatchSignals = func() {}
	}
	if p.forGit() != "get" { // which catches them before it waits: a cached answer is given by then
		p.CatchSignals()
	}
	err := p.run(ctx)
	if err == nil && stdout.err != nil {
		err = fmt.Errorf("writing the output: %w", stdout.err)
	}
	if err == nil {
		return 0
	}
	var reported errReported
	if errors.As(err, &reported) {
		return int(reported)
	}
	var usage errUsage
	wrong := errors.As(err, &usage)
	if operation := p.forGit(); wrong && operation != "" {
		// The helper line in git's configuration is wrong. Other hosts are
		// none of our business; for ours git must not ask for a username.
		req, readErr := p.Request()
		_, hostErr := codecommit.ParseHost(req.Host)
		switch {
		case readErr == nil && hostErr != nil:
			return 0
		case readErr == nil && operation == "get":
			err = errQuit{err}
		}
	}
	p.report(err)
	if wrong {
		return 2
	}
	return p.Failed()
}

// Failed returns the exit status of a run that failed: 130 after Ctrl-C, as
// shells have it, and 1 otherwise. git's operations always fail with 1.
func (s System) Failed() int {
	if s.Interrupted != nil && s.Interrupted() && s.forGit() == "" { // mutation: git's operations fail with 1
		return 130
	}
	return 1
}

// app returns the program's commands and options.
func (p *program) app() *cli.App {
	app := &cli.App{
		Name:        name,
		Usage:       "git clones from CodeCommit with MFA",
		UsageText:   name + " [global options] COMMAND [options]",
		Description: description,
		Flags:       programFlags(),
		Commands:    append(p.operations(), p.commands()...),
	}
	for _, c := range app.Commands {
		if c.Category == operationsCategory {
			c.Description = "git runs this by itself, with a request on stdin: see gitcredentials(7)."
		} else {
			// People write options where they come to mind. The help of a command
			// shows those that it uses.
			c.Flags = append(c.Flags, globalFlagsOf(c.Name)...)
		}
		c.Flags = append(c.Flags, helpFlag)
	}
	return app
}

var (
	helpFlag    = &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "explain the program, or one command"}
	versionFlag = &cli.BoolFlag{Name: "version", Usage: "print the version"}
)

// programFlags returns the options that stand before a command.
func programFlags() []cli.Flag { return append(globalFlags(), helpFlag, versionFlag) }

// noCommand runs if the command line names no command, or an unknown one.
// gitcredentials(7) asks helpers to ignore unknown operations, since git may
// add some. git gives an operation as one word, the last argument. So a word
// with arguments after it, one that is close to a command's name, and one that
// is typed at a terminal are typing errors.
func (p *program) noCommand(c *cli.Context) error {
	word := c.Args().First()
	switch {
	case word == "" && p.forGit() != "":
		return errUsage{errors.New("no command")} // an option has taken the operation as its value
	case word == "":
		p.shortHelp(c.App)
		return errReported(2)
	case c.Args().Len() > 1, p.StdinIsTerminal(), closest(word, commandNames(c.App)) != "": // mutation: a typing error is not success
		return errUsage{unknownCommand{word, closest(word, commandNames(c.App)), ""}}
	}
	p.trace("operation %q is unknown: ignored", word)
	return nil
}

// unknownCommand is the error for an unknown command, with the closest one, or
// "", for its hint. before is what precedes the command on the command line.
type unknownCommand struct{ word, meant, before string }

func (e unknownCommand) Error() string { return fmt.Sprintf("unknown command %q", e.word) }

func (e unknownCommand) hints(*program) []string {
	if e.meant == "" {
		return nil
	}
	return []string{fmt.Sprintf("did you mean %q?", name+" "+e.before+e.meant)}
}

// typingErrors is how many letters may be wrong in the name of a command or an
// option.
const typingErrors = 2

// closest returns the name that a word is a typing error of, or "".
func closest(word string, names []string) (name string) {
	best := typingErrors + 1
	for _, other := range names {
		if d := spelling.Distance(word, other); d < best {
			best, name = d, other
		}
	}
	return name
}

// commandNames returns the names of the commands. It leaves out git's
// operations: their names are so short that many words are close to one.
func commandNames(app *cli.App) []string {
	var names []string
	for _, command := range app.Commands {
		if command.Category != operationsCategory {
			names = append(names, command.Name)
		}
	}
	return names
}

func (p *program) commands() []*cli.Command {
	return []*cli.Command{
		p.configureCommand(), p.unconfigureCommand(),
		p.loginCommand(), p.logoutCommand(), p.statusCommand(),
		p.doctorCommand(), p.credentialProcessCommand(), p.keysCommand(), p.enrollCommand(), p.completionCommand(),
		p.versionCommand(),
		{
			Name: "help", Usage: "explain the program, or one command", ArgsUsage: "[COMMAND]",
			Action: func(c *cli.Context) error { return p.helpOn(c.App, c.Args().First()) },
		},
	}
}

// noArguments refuses arguments that the command would ignore.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return errUsage{fmt.Errorf("unexpected argument %q", strings.Join(c.Args().Slice(), " "))}
	}
	return nil
}

// run runs the command that the arguments name. The library's App.Run would do
// the same, but its help needs text/template, which keeps 2.7 MB of unused
// methods in the program (docs/architecture.md).
func (p *program) run(ctx context.Context) error {
	c, err := readOptions(programFlags(), p.Args[min(1, len(p.Args)):], &cli.Context{Context: ctx}, true)
	switch {
	case err != nil:
		return err
	case helpWanted(c):
		return p.helpOn(p.app(), c.Args().First())
	case c.Bool(versionFlag.Name):
		p.printVersion()
		return nil
	}
	// The other commands are set up only if needed: that takes longer than an
	// answer to git.
	git := &cli.App{Commands: p.operations()}
	if operation := git.Command(c.Args().First()); operation != nil && c.NArg() == 1 {
		return operation.Action(c)
	}
	app := p.app()
	c.App = app
	command := app.Command(c.Args().First())
	if command == nil {
		return p.noCommand(c)
	}
	c, err = readOptions(command.Flags, c.Args().Tail(), c, false)
	if err != nil {
		return err
	}
	if helpWanted(c) {
		return p.helpOn(app, command.Name)
	}
	c.Command = command
	return command.Action(c) // mutation: no method is looked up by name
}

// helpWanted reports whether --help or -h is among the options.
func helpWanted(c *cli.Context) bool { return slices.ContainsFunc(helpFlag.Names(), c.Bool) }

func (p *program) versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "verbose", Usage: "also print the system, the Go version, the program's path and git's version"}},
		Action: p.version,
	}
}

func (p *program) printVersion() { fmt.Fprintf(p.Stdout, "%s %s\n", name, p.Version) }

func (p *program) version(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	p.printVersion()
	if !c.Bool("verbose") {
		return nil
	}
	fmt.Fprintf(p.Stdout, "system  %s/%s\nbuilt   with %s\n", runtime.GOOS, runtime.GOARCH, runtime.Version())
	path, err := gitconfig.Executable()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "path    %s\n", printable.Line(path))
	git, err := gitconfig.Git{}.Version(c.Context)
	if err != nil {
		fmt.Fprintf(p.Stdout, "git     unknown: %s\n", printable.Line(err.Error()))
		return nil
	}
	fmt.Fprintf(p.Stdout, "git     %v\n", git)
	return nil
}
