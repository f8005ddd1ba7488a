package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

const welcome = `This shell runs in a sandbox: a pretend AWS, in which you are alice. Her policy
is here, in force-mfa.json, and forces MFA.

    git clone %s

ends in 403 until you run "git-credential-mfa configure". "phone" prints the MFA
code of alice's phone, and "exit" ends the sandbox and removes it.

`

// prompts make each shell say where one is. What a shell reads by itself wins over
// PS1.
var prompts = map[string]string{
	".bashrc":                  "PS1='(sandbox) \\w $ '\n",
	".zshrc":                   "PROMPT='(sandbox) %~ %# '\n",
	".config/fish/config.fish": "function fish_prompt; echo '(sandbox) '(prompt_pwd)' > '; end\n",
}

func (s *stage) writePrompts() error {
	for name, text := range prompts {
		path := filepath.Join(s.home(), filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// shell runs the user's own shell in the world, with the phone always at hand.
// Signals are the shell's then; stop ends what they did before.
func (s *stage) shell(stop func()) error {
	if err := s.writePrompts(); err != nil {
		return err
	}
	program := cmp.Or(os.Getenv("SHELL"), "sh")
	if runtime.GOOS == "windows" {
		program = cmp.Or(os.Getenv("ComSpec"), "cmd.exe")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.keepPhone(ctx)
	// Ctrl-C ends what runs in the shell, not this program, and a terminal that is
	// closed ends the shell. Caught and not ignored: what is ignored is ignored by
	// the shell's commands too.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // mutation: the demo cleans up when its terminal is closed
	defer signal.Stop(caught)
	stop()
	fmt.Printf(welcome, s.url)
	cmd := exec.Command(program)
	cmd.Dir = s.home()
	cmd.Env = append(s.env, "TERM="+os.Getenv("TERM"), "SHELL="+program, "USER=alice", "PS1=(sandbox) $ ", "PROMPT=(sandbox) $P$G ")
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
