package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"time"
)

const welcome = `This shell is in the sandbox: a pretend AWS, in which you are alice, and nothing is yours.
Her policy forces MFA; it is force-mfa.json, here.

    git clone %s

ends in 403 now. "git-credential-mfa configure" is the answer to it, "phone" prints the MFA code of
alice's phone, and "exit" ends and removes all this.

`

// shell runs the user's own shell in the world, with the phone always at hand.
func (s *stage) shell() error {
	program := cmp.Or(os.Getenv("SHELL"), "sh")
	if runtime.GOOS == "windows" {
		program = cmp.Or(os.Getenv("ComSpec"), "cmd.exe")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.keepPhone(ctx)
	// Ctrl-C ends what runs in the shell, not this program. Caught and not
	// ignored: what is ignored is ignored by the shell's commands too.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt)
	defer signal.Stop(caught)
	fmt.Printf(welcome, s.url)
	cmd := exec.Command(program)
	cmd.Dir = s.home()
	cmd.Env = append(s.env, "TERM="+os.Getenv("TERM"), "SHELL="+program, "USER=alice")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	var status *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &status) {
		return err
	}
	return nil
}

// keepPhone has the phone show the present code until ctx ends.
func (s *stage) keepPhone(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.showPhone(s.device.Code()); err != nil {
			fmt.Fprintln(os.Stderr, "demo: the phone:", err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second / 2):
		}
	}
}

func (s *stage) phoneFile() string { return s.dir + string(os.PathSeparator) + "phone" }

// showPhone puts a code where the phone looks. The file is replaced,
// so that the phone never reads half of it.
func (s *stage) showPhone(code string) error {
	next := s.phoneFile() + ".next"
	if err := os.WriteFile(next, []byte(code), 0o600); err != nil {
		return err
	}
	return os.Rename(next, s.phoneFile())
}
