// Package prompt asks the person questions. stdin and stdout belong to git's
// protocol, so it does not use them: it opens the terminal itself, or starts a
// program that asks (an askpass, an mfa_process, a desktop dialog).
//
// The rules:
//
//   - A question names the profile, the device and the time limit. A window
//     also names the program and the repository.
//   - The code is shown as it is typed: it works only once, and an unseen
//     typing error costs half a minute.
//   - Nothing is asked where nobody can see it. If there is no way to ask, or
//     asking is forbidden, there is an error at once.
//   - Every question ends: by an answer, Ctrl-C, or the deadline.
//   - While a window asks, one line on stderr says so.
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
	// ErrForbidden says that a setting forbids questions. It is wrapped with the
	// setting's name.
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
	// ErrNotACode says that an askpass or mfa_process did not print a code.
	ErrNotACode = errors.New("the answer is not a code of 6 digits")
)

// Modes are the values of --prompt.
var Modes = []string{"auto", "tty", "askpass", "gui", "none"}

// Question is a question for an MFA code.
type Question struct {
	// Profile and Device say whose code is wanted. They come from files and from
	// AWS, so control characters are replaced when they are shown.
	Profile, Device string
	// Again says why the last code was refused, or is "".
	Again string
	// TerminalOnly, if not "", says why only a terminal may ask.
	TerminalOnly string
	// NoWindows, if not "", says why nothing may pop up: no window, no askpass.
	NoWindows string
}

// Prompter asks questions.
type Prompter struct {
	// Mode is one of Modes.
	Mode string
	// Process is a command that prints a code, or "".
	Process string
	// For is shown in a window, and says what needs the code: "git,
	// HOST/v1/repos/NAME".
	For string
	// Language returns the language of questions; messages on stderr are English.
	// It is called only when a question is asked. If nil, the language is English.
	Language func() language.Language
	// ByHand is true for a command that a person typed (login). Settings that
	// forbid git's helpers to ask do not apply to it.
	ByHand bool
	// Getenv reads the environment.
	Getenv func(string) string
	// Interactive returns git's credential.interactive for this URL, AskPass git's
	// core.askPass. They are called only when they are needed.
	Interactive, AskPass func() string
	// Folders returns the folders in which git looks for programs. It is called
	// only when it is needed. If nil, the folders of PATH are used.
	Folders func() []string
	// Tell tells the person that another window asks. It may be nil.
	Tell func(format string, args ...any)
	// Trace notes which way to ask was taken, and why each one before it was not.
	Trace func(format string, args ...any)

	// failed are the settings whose program could not be run.
	failed map[string]bool
}

// IsCode reports whether s is exactly six digits.
func IsCode(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789") == "" }

// WithoutBlanks returns text without blanks and line ends: phones show codes
// as "123 456".
func WithoutBlanks(text string) string { return strings.Join(strings.Fields(text), "") }

// Code asks for an MFA code and returns six digits. ctx sets the time limit. If
// the program of a setting can't be run, the next way is tried.
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

// reason returns ErrTimeout or ErrCancelled if ctx has ended, else err.
func reason(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return ErrTimeout
	case ctx.Err() != nil:
		return ErrCancelled
	}
	return err
}

// timeLeft returns how long there is to answer, for stderr: ", within 2 minutes".
func timeLeft(ctx context.Context) string {
	if limit := within(ctx).English; limit != "" {
		return ", " + limit
	}
	return ""
}

// within returns how long there is to answer, empty if there is no limit.
func within(ctx context.Context) language.Text {
	deadline, ok := ctx.Deadline()
	if !ok {
		return language.Text{}
	}
	left := spoken(time.Until(deadline))
	return language.Text{English: "within " + left.English, Japanese: left.Japanese + "以内"}
}

// spoken returns a duration as people say it: "2 minutes", "1 minute 50
// seconds". Above a minute it rounds to ten seconds, since some time may
// already have gone into looking up the device.
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

// count returns a number with its unit.
func count(n int, unit, japanese string) language.Text {
	if n != 1 {
		unit += "s"
	}
	return language.Text{English: fmt.Sprintf("%d %s", n, unit), Japanese: fmt.Sprintf("%d %s", n, japanese)}
}
