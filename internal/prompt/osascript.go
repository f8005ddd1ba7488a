//go:build linux || darwin

package prompt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// desktop is a program that shows one window and prints the answer.
type desktop struct {
	program string
	env     []string
	trace   func(format string, args ...any)
}

// run shows a window until it is answered or ctx ends. It returns what the
// program printed on stdout, without surrounding blanks, and on stderr.
func (d desktop) run(ctx context.Context, args ...string) (printed, talk string, err error) {
	ending, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ending, d.program, args...)
	stdout := answer{end: cancel}
	var stderr excerpt // toolkits print much on stderr that is of no use to git's user
	cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, d.env
	// The program may be a script around the real one: all of it is killed.
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // mutation: a window goes with all behind it
	cmd.WaitDelay = time.Second
	runtime.LockOSThread() // for ownGroup
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	if talk = strings.TrimSpace(stderr.String()); talk != "" {
		d.trace("%s: %s", d.program, talk)
	}
	switch {
	case stdout.tooMuch:
		err = ErrNotACode
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return strings.TrimSpace(stdout.String()), talk, err
}

// excerpt keeps the first part of what a program prints.
type excerpt struct{ strings.Builder }

func (e *excerpt) Write(p []byte) (int, error) {
	_, _ = e.Builder.Write(p[:min(len(p), maxAnswer-e.Len())])
	return len(p), nil
}

// osascript is the Mac's own program that runs AppleScript. The scripts get all
// texts as arguments: in a script, a quotation mark in the name of a profile
// would begin a command.
//
// The first argument is a number, so osascript takes none of them for an
// option. The result begins with a word that tells an answer from the other
// ends, so that nothing that is typed can be taken for one of those.
type osascript struct{ desktop }

const enterScript = `on run argv
	try
		activate
	end try
	try
		set reply to display dialog (item 3 of argv) with title (item 2 of argv) default answer "" buttons {"Cancel", "OK"} default button "OK" cancel button "Cancel" giving up after (item 1 of argv as integer)
	on error number -128
		return "cancelled"
	end try
	if gave up of reply then return "gave up"
	return "answer " & text returned of reply
end run`

// chooseScript shows a window that has no time limit of its own, and for which
// Cancel is not an error.
const chooseScript = `on run argv
	try
		activate
	end try
	set chosen to choose from list (items 4 thru -1 of argv) with title (item 2 of argv) with prompt (item 3 of argv)
	if chosen is false then return "cancelled"
	return "answer " & item 1 of chosen
end run`

// appleDialog returns osascript if windows can be seen. They can't over SSH, or
// if launchd has no desktop for this process (Aqua, in Apple's Technical Note
// TN2083): a window is then an error (-1713), or on a screen that nobody sees.
func (p *Prompter) appleDialog(program, launchctl string) (dialog, error) {
	for _, variable := range []string{"SSH_CONNECTION", "SSH_TTY"} { // mutation: no window over SSH
		if p.Getenv(variable) != "" {
			return nil, fmt.Errorf("%s is set", variable)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	manager := desktop{program: launchctl, env: os.Environ(), trace: p.Trace}
	name, _, err := manager.run(ctx, "managername")
	if err != nil {
		return nil, fmt.Errorf("launchctl managername: %w", err)
	}
	if name != "Aqua" { // mutation: no window without a desktop
		return nil, fmt.Errorf("no desktop: launchctl managername says %q, not Aqua", printable.Line(name))
	}
	return osascript{desktop{program: program, env: os.Environ(), trace: p.Trace}}, nil
}

func (o osascript) name() string { return "osascript" }

func (o osascript) enter(ctx context.Context, lines []string) (string, error) {
	return o.ask(ctx, enterScript, lines)
}

func (o osascript) choose(ctx context.Context, lines, rows []string) (string, error) {
	return o.ask(ctx, chooseScript, lines, rows...)
}

func (o osascript) ask(ctx context.Context, script string, lines []string, rows ...string) (string, error) {
	args := []string{"-e", script, secondsLeft(ctx), dialogTitle, strings.Join(lines, "\n")} // mutation: what a window shows is no script
	printed, talk, err := o.run(ctx, append(args, rows...)...)
	switch {
	case ctx.Err() != nil, errors.Is(err, ErrNotACode):
		return "", err
	case err != nil:
		return "", fmt.Errorf("%w: osascript: %s", ErrImpossible, cmp.Or(printable.Line(talk), err.Error()))
	}
	if text, ok := strings.CutPrefix(printed+" ", "answer "); ok {
		return strings.TrimSpace(text), nil
	}
	switch printed {
	case "cancelled":
		return "", ErrCancelled
	case "gave up":
		return "", ErrTimeout
	}
	return "", fmt.Errorf("%w: osascript returned neither an answer nor a reason", ErrImpossible)
}

// secondsLeft returns the window's own time limit, for the case that this
// process is killed before it can end the window.
func secondsLeft(ctx context.Context) string {
	left := 2 * time.Minute
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	return strconv.Itoa(max(1, int(left.Seconds())))
}
