package prompt

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// maxAnswer is more than any code and its blanks: a program that prints without
// end must not fill the memory.
const maxAnswer = 4096

// answer keeps what a program prints, and ends the program when that is too
// much.
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

// output runs a program and returns what it prints, without blanks around it.
// Its stdin is nothing, since ours is git's; its stderr is shown.
func output(ctx context.Context, program *exec.Cmd) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, program.Path, program.Args[1:]...)
	cmd.Err, cmd.Env, cmd.SysProcAttr = program.Err, program.Env, program.SysProcAttr
	gitexec.Hide(cmd)
	printed := answer{end: cancel}
	cmd.Stdout, cmd.Stderr = &printed, os.Stderr
	// A child of the program may hold its stdout: an agent that it started,
	// say, or a dialog when it is killed.
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	text := strings.TrimSpace(printed.String())
	switch {
	case printed.tooMuch:
		return "", ErrNotACode
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay): // the program itself ended well
	case err != nil:
		return "", err
	}
	if text == "" {
		return "", ErrCancelled
	}
	return text, nil
}
