// Package prompt is the only code that talks to a person. stdin and stdout
// belong to git's protocol, so it never touches them: it opens the terminal
// itself, or starts a program that asks (an askpass, an mfa_process).
//
// The rules of this program's conversation:
//
//   - A question says whose code it wants, of which device, and until when.
//   - The code is shown as it is typed: it works once, and a typing error
//     that nobody sees costs half a minute.
//   - A question that nobody can see is never put. Where there is no way to
//     ask, or asking is forbidden, the answer is an error, at once.
//   - Every question ends: by an answer, Ctrl-C, or the deadline.
package prompt

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	// ErrForbidden says that a setting forbids questions; it is wrapped with
	// the setting's name.
	ErrForbidden = errors.New("asking is forbidden")
	// ErrImpossible says that there is neither a terminal nor a program to
	// ask with.
	ErrImpossible = errors.New("there is no terminal and no askpass program to ask with")
	// ErrCancelled says that the person did not give a code.
	ErrCancelled = errors.New("cancelled")
	// ErrTimeout says that no answer came in time.
	ErrTimeout = errors.New("no answer in time")
	// ErrNotACode says that an askpass or mfa_process printed something else.
	ErrNotACode = errors.New("the answer is not a code of 6 digits")
)

// Modes are the values of --prompt.
var Modes = []string{"auto", "tty", "askpass", "gui", "none"}

// Question is what is asked.
type Question struct {
	// Profile and Device say whose code is wanted. They may come from files
	// and from AWS: control bytes are not shown.
	Profile, Device string
	// Again says why the last code did not do, or is "".
	Again string
	// TerminalOnly, when not "", forbids all but a terminal, and says why.
	TerminalOnly string
}

// Prompter asks.
type Prompter struct {
	// Mode is one of Modes.
	Mode string
	// Process is a command that prints a code, or "".
	Process string
	// ByHand is true for a command that a person typed (login): settings that
	// silence git's helpers do not silence it.
	ByHand bool
	// Getenv reads the environment.
	Getenv func(string) string
	// Interactive returns git's credential.interactive for this URL, AskPass
	// git's core.askPass. They are called only when they matter.
	Interactive, AskPass func() string
	// Trace notes which way was taken, and why.
	Trace func(format string, args ...any)
}

var code = regexp.MustCompile(`^[0-9]{6}$`)

// Code asks for an MFA code and returns six digits. The deadline is ctx's.
func (p *Prompter) Code(ctx context.Context, q Question) (string, error) {
	w, err := p.way(q)
	if err != nil {
		return "", fmt.Errorf("asking for the MFA code of %s: %w", printable(q.Device), err)
	}
	p.Trace("asking by %s", w.name)
	answer, err := w.ask(ctx, q)
	if err == nil && !code.MatchString(answer) {
		err = ErrNotACode
	}
	if err != nil {
		return "", fmt.Errorf("asking for the MFA code by %s: %w", w.name, reason(ctx, err))
	}
	return answer, nil
}

// reason tells a deadline and an interruption from what they broke.
func reason(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrTimeout
	case ctx.Err() != nil:
		return ErrCancelled
	}
	return err
}

// way is one way to ask.
type way struct {
	name string
	ask  func(context.Context, Question) (string, error)
}

// way chooses how to ask. The order is git's own (git_prompt in prompt.c:
// GIT_ASKPASS, core.askPass and SSH_ASKPASS, terminal), but for one thing: a
// terminal that is there is better than the two of those that are set once
// for all, since its reader sees which command asks.
func (p *Prompter) way(q Question) (way, error) {
	if setting := p.forbidden(); setting != "" {
		return way{}, fmt.Errorf("%w by %s", ErrForbidden, setting)
	}
	tty := way{"the terminal", p.askTerminal}
	if q.TerminalOnly != "" {
		if p.Mode != "auto" && p.Mode != "tty" || !p.terminal() {
			return way{}, fmt.Errorf("%w: %s, and then only a terminal is asked", ErrImpossible, q.TerminalOnly)
		}
		return tty, nil
	}
	switch p.Mode {
	case "tty":
		if p.hasTerminal() {
			return tty, nil
		}
	case "askpass":
		return p.firstAskpass(p.gitAskPass(), p.AskPass(), p.sshAskPass())
	case "auto":
		return p.auto(tty)
	}
	return way{}, ErrImpossible
}

func (p *Prompter) auto(tty way) (way, error) {
	if p.Process != "" {
		return way{"mfa_process", p.askProcess}, nil
	}
	if program := p.gitAskPass(); program != "" {
		return p.askpass(program), nil
	}
	if p.terminal() {
		return tty, nil
	}
	return p.firstAskpass(p.AskPass(), p.sshAskPass())
}

func (p *Prompter) firstAskpass(programs ...string) (way, error) {
	for _, program := range programs {
		if program != "" {
			return p.askpass(program), nil
		}
	}
	return way{}, ErrImpossible
}

// terminal reports whether a terminal may be used and is there.
func (p *Prompter) terminal() bool {
	if p.Mode != "tty" && !p.ByHand && p.Getenv("GIT_TERMINAL_PROMPT") == "0" {
		p.Trace("no terminal: GIT_TERMINAL_PROMPT=0")
		return false
	}
	return p.hasTerminal()
}

func (p *Prompter) hasTerminal() bool {
	t, err := openTerminal()
	if err != nil {
		p.Trace("no terminal: %v", err)
		return false
	}
	t.Close()
	return true
}

// forbidden returns the setting that forbids questions, or "". git runs its
// helpers all the same (git maintenance passes -c credential.interactive=
// false), so a helper must look itself. Git Credential Manager's variable is
// what go and other tools set for every helper.
func (p *Prompter) forbidden() string {
	if p.Mode == "none" {
		return "--prompt none"
	}
	if p.ByHand {
		return ""
	}
	if p.Getenv("VSCODE_GIT_FETCH_SILENT") != "" {
		return "VSCODE_GIT_FETCH_SILENT (a fetch in the background)"
	}
	if isNo(p.Getenv("GCM_INTERACTIVE")) {
		return "GCM_INTERACTIVE"
	}
	if isNo(p.Interactive()) {
		return "git's credential.interactive"
	}
	return ""
}

// isNo reads a setting that is a boolean or one of Git Credential Manager's
// words; git config --type=bool dies of the latter.
func isNo(value string) bool {
	switch strings.ToLower(value) {
	case "0", "false", "never", "no", "off":
		return true
	}
	return false
}

// printable returns text without control bytes, which steer terminals, and
// without the characters that turn the direction of writing.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, text)
}

// timeLeft words how long there is to answer.
func timeLeft(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ""
	}
	return fmt.Sprintf(", within %v", time.Until(deadline).Round(time.Second))
}
