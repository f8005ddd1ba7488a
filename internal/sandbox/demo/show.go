package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

func say(format string, args ...any) { fmt.Printf(format+"\n\n", args...) }

// run prints a command and runs it in the user's folder.
func (s *stage) run(name string, args ...string) error {
	fmt.Println("  $ " + words(name, args))
	ctx, cancel := context.WithTimeout(s.ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.found(name), args...)
	cmd.Dir, cmd.Env = s.home(), s.env
	out := s.screen()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, out
	err := cmd.Run()
	if err != nil && ctx.Err() == nil && cmd.ProcessState == nil {
		return err
	}
	fmt.Println()
	if err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(name), args[0], err)
	}
	return nil
}

// found returns a program's path. exec would search the demo's own PATH, not the
// user's.
func (s *stage) found(name string) string {
	if name == "git-credential-mfa" {
		return s.program()
	}
	return name
}

// screen returns a writer for a command's output. It shows the user's folder as
// /home/alice.
func (s *stage) screen() *indented { return &indented{out: os.Stdout, home: s.home()} }

// words returns a command as a person types it.
func words(name string, args []string) string {
	return shell.Join(append([]string{name}, args...)...)
}

// indented indents a command's output.
type indented struct {
	out    io.Writer
	home   string // what is shown as /home/alice
	inLine bool
}

func (w *indented) Write(p []byte) (int, error) {
	for _, b := range []byte(strings.ReplaceAll(string(p), w.home, "/home/alice")) {
		if !w.inLine && b != '\n' {
			if _, err := io.WriteString(w.out, "    "); err != nil {
				return 0, err
			}
		}
		w.inLine = b != '\n'
		if _, err := w.out.Write([]byte{b}); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
