package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

func say(format string, args ...any) { fmt.Printf(format+"\n\n", args...) }

// run shows a command and runs it in the user's folder.
func (s *stage) run(name string, args ...string) error {
	fmt.Println("  $ " + words(name, args))
	ctx, cancel := context.WithTimeout(s.ctx, 3*time.Minute)
	defer cancel()
	if name == "git-credential-mfa" {
		// The search that exec does goes by this process's PATH, not the story's.
		name = s.program()
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = s.home(), s.env
	out := &indented{out: os.Stdout}
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

// words shows a command as one would type it.
func words(name string, args []string) string {
	return shell.Join(append([]string{name}, args...)...)
}

// indented puts output under its command.
type indented struct {
	out    io.Writer
	inLine bool
}

func (w *indented) Write(p []byte) (int, error) {
	for _, b := range p {
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
