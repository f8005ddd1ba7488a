// Package cli is the program less its ties to the system: it takes its
// arguments, streams and clock as values, and returns an exit status.
//
// The rules of what people see:
//
//   - stdout belongs to git's protocol, or to the output that was asked for.
//     All talk goes to stderr, or to the terminal (package prompt).
//   - An error is one line, "git-credential-mfa: error: doing: cause", and
//     below it "git-credential-mfa: hint: a command" for each thing that
//     mends it. No capital at the beginning, no full stop at the end.
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
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const name = "git-credential-mfa"

// System is what the program has of the system around it.
type System struct {
	// Args are the command line, with the program's name.
	Args []string
	// Version is the program's own, "1.2.3".
	Version        string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Setenv sets a variable for this process and those that it starts.
	Setenv func(name, value string) error
	// Passphrase is that of the file keyring. It is taken out of the
	// environment before, so that no child inherits it.
	Passphrase []byte
	// StdinIsTerminal tells a person from git.
	StdinIsTerminal func() bool
	// StdinWasClosed tells a closed stdin from an empty one.
	StdinWasClosed func() bool
	// CatchSignals has signals end the context that Run was given, in place of
	// the process. It may be called again, and may be nil.
	CatchSignals func()
	// Interrupted tells whether Ctrl-C was caught. It may be nil.
	Interrupted func() bool
	// ReaderGone is closed when nobody reads stdout any more: a helper
	// outlives a git that is killed. It may be nil.
	ReaderGone func(context.Context) <-chan struct{}
	// Started is when the process began.
	Started time.Time
	// Finish runs what must come to its end although the program was told to
	// end; it has a limit of its own. It may be nil.
	Finish func(func())
}

// program is one run.
type program struct {
	System
	trace func(format string, args ...any)
	// asking is the command that asks the person, for hints; "" is login.
	asking string
	// source is what the AWS files and the environment say about the profile in
	// force, once readSource has read them: settings and hints are about it. Its
	// Warning is "" when it was said.
	source session.Source
	// keyring is the one that was opened last, for hints, or nil.
	keyring *cache.Store
	// progress is what is waited for at a terminal, or nil.
	progress *progress
}

// errUsage is for a command line that makes no sense: exit status 2.
type errUsage struct{ error }

// errQuit is for a failed get: git is told to stop.
type errQuit struct{ error }

// errReported is for a command whose output has said everything.
type errReported int

func (e errReported) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func (e errUsage) Unwrap() error { return e.error }
func (e errQuit) Unwrap() error  { return e.error }

// Run runs the program and returns its exit status: 0 done, 1 failed, 2
// usage, 130 ended by Ctrl-C.
func Run(ctx context.Context, s System) int {
	p := &program{System: s}
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
		req, readErr := credential.ReadRequest(p.Stdin)
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
