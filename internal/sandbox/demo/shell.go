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

const welcome = `This shell is in the sandbox, with a pretend AWS. You are alice, and your policy
forces MFA: it is force-mfa.json, in this folder. This ends in 403:

    git clone %s

"git-credential-mfa configure" fixes it. "phone" prints the MFA code, and "exit"
ends the sandbox and removes it.

`

// prompts are start files that set each shell's prompt. Shells set PS1 in their
// own start files, so the environment is not enough.
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

// shell runs the user's own shell in the world. The shell handles signals then,
// so stop turns off the demo's handler.
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
	// Ctrl-C must end the command in the shell, not this program. A closed terminal
	// ends the shell. The signals are caught, because child processes inherit
	// signals that are ignored.
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

// keepPhone updates the code on the phone until ctx ends.
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

func (s *stage) phoneFile() string { return filepath.Join(s.dir, "phone") }

// showPhone writes the code that the phone shows. It replaces the file, so that
// the phone never reads half of it.
func (s *stage) showPhone(code string) error {
	next := s.phoneFile() + ".next"
	if err := os.WriteFile(next, []byte(code), 0o600); err != nil {
		return err
	}
	return os.Rename(next, s.phoneFile())
}
