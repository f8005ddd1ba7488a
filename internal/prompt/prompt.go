// Package prompt is the only code that talks to a person. stdin and stdout
// belong to git's protocol, so it never touches them: it opens the terminal
// itself, or starts a program that asks (an askpass, an mfa_process, a
// desktop's dialog).
//
// The rules of this program's conversation:
//
//   - A question says whose code it wants, of which device, and until when; one
//     in a window also who asks, and for which repository.
//   - The code is shown as it is typed: it works once, and a typing error
//     that nobody sees costs half a minute.
//   - A question that nobody can see is never put. Where there is no way to
//     ask, or asking is forbidden, the answer is an error, at once.
//   - Every question ends: by an answer, Ctrl-C, or the deadline.
//   - Who looks at the terminal while a window asks is told so, in one line.
package prompt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

var (
	// ErrForbidden says that a setting forbids questions; it is wrapped with
	// the setting's name.
	ErrForbidden = errors.New("asking is forbidden")
	// ErrImpossible says that there is neither a terminal nor a program to
	// ask with.
	ErrImpossible = errors.New("there is no terminal and no askpass program or dialog to ask with")
	// ErrCancelled says that the person did not give a code.
	ErrCancelled = errors.New("cancelled")
	// ErrTimeout says that no answer came in time.
	ErrTimeout = errors.New("no answer in time")
	// ErrProcess says that the mfa_process failed.
	ErrProcess = errors.New("the mfa_process failed")
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
	// NoWindows, when not "", forbids what pops up by itself, and says why.
	NoWindows string
}

// Prompter asks.
type Prompter struct {
	// Mode is one of Modes.
	Mode string
	// Process is a command that prints a code, or "".
	Process string
	// For says, in a window, what needs the code: "git, HOST/v1/repos/NAME".
	For string
	// Language returns that of the person; what stands on stderr is English. It is
	// called only when somebody is asked. If nil, the language is English.
	Language func() language.Language
	// ByHand is true for a command that a person typed (login): settings that
	// silence git's helpers do not silence it.
	ByHand bool
	// Getenv reads the environment.
	Getenv func(string) string
	// Interactive returns git's credential.interactive for this URL, AskPass
	// git's core.askPass. They are called only when they matter.
	Interactive, AskPass func() string
	// Folders returns where git looks for programs. It is called only when one
	// is to be found. If nil, these are PATH's.
	Folders func() []string
	// Tell says to the person that the question stands in another window. It
	// may be nil.
	Tell func(format string, args ...any)
	// Trace notes which way was taken, and why each before it was not.
	Trace func(format string, args ...any)

	// failed has the settings whose program could not be run.
	failed map[string]bool
}

// IsCode tells whether s is six digits, and no more.
func IsCode(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789") == "" }

// WithoutBlanks returns text without blanks and line ends: phones show codes
// as "123 456".
func WithoutBlanks(text string) string { return strings.Join(strings.Fields(text), "") }

// Code asks for an MFA code and returns six digits. The deadline is ctx's.
// When the program of a setting can't be run, the next way is tried.
func (p *Prompter) Code(ctx context.Context, q Question) (string, error) {
	for {
		w, err := p.way(q)
		if err != nil {
			return "", fmt.Errorf("asking for the MFA code of %s: %w", printable.Line(q.Device), err)
		}
		answer, err := p.askOnce(ctx, w, q)
		if errors.Is(err, errNotRun) {
			p.passBy(w.setting, err)
			continue
		}
		if err != nil {
			return "", fmt.Errorf("asking for the MFA code through %s: %w", w.name, reason(ctx, err))
		}
		return answer, nil
	}
}

func (p *Prompter) askOnce(ctx context.Context, w way, q Question) (string, error) {
	p.Trace("asking through %s", w.name)
	if w.elsewhere != "" {
		p.tell("asking %s: MFA code for profile %s, device %s%s", w.elsewhere, printable.Line(q.Profile), printable.Line(q.Device), timeLeft(ctx))
	}
	answer, err := w.ask(ctx, q)
	if answer = WithoutBlanks(answer); err == nil && !IsCode(answer) {
		err = ErrNotACode
	}
	return answer, err
}

func (p *Prompter) tell(format string, args ...any) {
	if p.Tell != nil {
		p.Tell(format, args...)
	}
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

// timeLeft words for stderr how long there is to answer: ", within 2 minutes".
func timeLeft(ctx context.Context) string {
	if limit := within(ctx).English; limit != "" {
		return ", " + limit
	}
	return ""
}

// within words how long there is to answer, if there is a limit.
func within(ctx context.Context) language.Text {
	deadline, ok := ctx.Deadline()
	if !ok {
		return language.Text{}
	}
	left := spoken(time.Until(deadline))
	return language.Text{English: "within " + left.English, Japanese: left.Japanese + "以内"}
}

// spoken words a time as people say it: "2 minutes", "1 minute 50 seconds",
// roughly above a minute, since the device was perhaps looked up before.
func spoken(d time.Duration) language.Text {
	if d > time.Minute {
		d = d.Round(10 * time.Second)
	}
	seconds := max(0, int(d.Round(time.Second)/time.Second))
	minutes, rest := count(seconds/60, "minute", "分"), count(seconds%60, "second", "秒")
	switch {
	case seconds < 60:
		return rest
	case seconds%60 == 0:
		return minutes
	}
	return minutes.With(" ").And(rest)
}

// count words a number of things.
func count(n int, unit, japanese string) language.Text {
	if n != 1 {
		unit += "s"
	}
	return language.Text{English: fmt.Sprintf("%d %s", n, unit), Japanese: fmt.Sprintf("%d %s", n, japanese)}
}
