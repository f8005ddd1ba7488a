//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/creack/pty"
)

// runWithPhone shows enroll and runs it on a terminal, at which the phone's
// codes are typed as they are asked for.
func (s *stage) runWithPhone(_ string, args ...string) error {
	fmt.Println("  $ " + words("git-credential-mfa", args))
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.program(), args...)
	cmd.Dir, cmd.Env = s.home(), append(s.env, "TERM=xterm-256color")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return err
	}
	defer terminal.Close()
	out := &indented{out: os.Stdout}
	shown, typed := "", 0
	for b := make([]byte, 4096); ; {
		n, err := terminal.Read(b)
		shown += string(b[:n])
		_, _ = out.Write(b[:n])
		if err != nil {
			break // EIO, when the program has left the terminal
		}
		if strings.HasSuffix(shown, "): ") && strings.Count(shown, "): ") > typed {
			phone := s.world.Device(serial)
			if phone == nil || typed == 2 {
				break
			}
			first, second := phone.TwoCodes()
			if _, err := io.WriteString(terminal, []string{first, second}[typed]+"\n"); err != nil {
				return err
			}
			typed++
		}
	}
	fmt.Println()
	return cmd.Wait()
}
