//go:build linux || darwin

package prompt

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// desktop is a program that puts one window up and prints the answer.
type desktop struct {
	program string
	env     []string
	trace   func(format string, args ...any)
}

// run shows a window until it is answered or ctx ends, and returns what the
// program printed, without blanks around it, and what it said on stderr.
func (d desktop) run(ctx context.Context, args ...string) (printed, talk string, err error) {
	ending, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ending, d.program, args...)
	stdout := answer{end: cancel}
	var stderr excerpt // toolkits talk much on stderr, and git's user has no use for it
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

// excerpt keeps the first part of what a program says.
type excerpt struct{ strings.Builder }

func (e *excerpt) Write(p []byte) (int, error) {
	_, _ = e.Builder.Write(p[:min(len(p), maxAnswer-e.Len())])
	return len(p), nil
}
