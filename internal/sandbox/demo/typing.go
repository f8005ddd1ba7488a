//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/creack/pty"
)

// typesItself is whether the demo can type codes itself on this system.
const typesItself = true

// runTyping prints a command and runs it on a terminal. When the command asks for
// the n-th time, it types what code returns, and ends if that is "".
func (s *stage) runTyping(code func(n int) string, name string, args ...string) error {
	fmt.Println("  $ " + words(name, args))
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.found(name), args...)
	cmd.Dir, cmd.Env = s.home(), append(s.env, "TERM=xterm-256color")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return err
	}
	defer terminal.Close()
	out := s.screen()
	shown, typed := "", 0
	for b := make([]byte, 4096); ; {
		n, err := terminal.Read(b)
		shown += string(b[:n])
		_, _ = out.Write(b[:n])
		if err != nil {
			break // EIO, when the program has left the terminal
		}
		if strings.HasSuffix(shown, "): ") && strings.Count(shown, "): ") > typed {
			answer := code(typed)
			if answer == "" {
				break
			}
			if _, err := io.WriteString(terminal, answer+"\n"); err != nil {
				return err
			}
			typed++
		}
	}
	fmt.Println()
	return cmd.Wait()
}
