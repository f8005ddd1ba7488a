package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// processLimit is the time limit of an mfa_process: enough to touch a security key.
const processLimit = 30 * time.Second

// askProcess runs the mfa_process for a code. It uses no shell, since the
// command may come from a profile that somebody else has written. After a
// refused code it waits until the device shows the next one.
func (p *Prompter) askProcess(ctx context.Context, q Question) (string, error) {
	words, err := splitCommand(p.Process, runtime.GOOS == "windows")
	if err != nil {
		return "", err
	}
	if q.Again != "" {
		next := time.Until(time.Now().Truncate(30 * time.Second).Add(31 * time.Second))
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(next):
		}
	}
	limited, cancel := context.WithTimeout(ctx, processLimit)
	defer cancel()
	text, err := output(limited, exec.Command(words[0], words[1:]...))
	switch {
	case err != nil && ctx.Err() == nil && limited.Err() != nil:
		err = fmt.Errorf("%w: no code within %s", ErrProcess, spoken(processLimit).English)
	case errors.Is(err, ErrCancelled):
		err = fmt.Errorf("%w: it printed nothing", ErrProcess)
	case err != nil && ctx.Err() == nil && !errors.Is(err, ErrNotACode):
		err = fmt.Errorf("%w: %w", ErrProcess, err)
	}
	return text, err
}

// splitCommand splits an mfa_process into words by the system's rules: on
// Windows a backslash is part of a path.
func splitCommand(command string, windows bool) ([]string, error) {
	split := shell.Split
	if windows {
		split = shell.SplitWindows
	}
	words, err := split(command)
	if err == nil && len(words) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("reading mfa_process: %w", err)
	}
	return words, nil
}

// maxAnswer is more than any code needs. A program that prints without end must
// not fill the memory.
const maxAnswer = 4096

// answer collects what a program prints, and ends the program if that is too much.
type answer struct {
	strings.Builder
	tooMuch bool
	end     func()
}

func (a *answer) Write(p []byte) (int, error) {
	if a.Len()+len(p) > maxAnswer {
		a.tooMuch = true
		a.end()
		return 0, ErrNotACode
	}
	return a.Builder.Write(p)
}

// output runs a program and returns what it prints, without surrounding blanks.
// The program has no stdin, since ours is git's; its stderr is shown.
func output(ctx context.Context, program *exec.Cmd) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, program.Path, program.Args[1:]...)
	cmd.Err, cmd.Env, cmd.SysProcAttr = program.Err, program.Env, program.SysProcAttr
	gitexec.Hide(cmd)
	printed := answer{end: cancel}
	cmd.Stdout, cmd.Stderr = &printed, os.Stderr
	// A child of the program, such as an agent, may keep its stdout open.
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	text := strings.TrimSpace(printed.String())
	switch {
	case printed.tooMuch:
		return "", ErrNotACode
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay): // the program itself succeeded
	case err != nil:
		return "", err
	}
	if text == "" {
		return "", ErrCancelled
	}
	return text, nil
}
