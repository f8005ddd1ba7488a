//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// screen is a terminal with a person before it.
type screen struct {
	t    *testing.T
	file *os.File
	mu   sync.Mutex
	text bytes.Buffer
}

// newScreen opens a terminal; the file is for the program that runs on it.
func newScreen(t *testing.T) (*screen, *os.File) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	s := &screen{t: t, file: master}
	go func() {
		for b := make([]byte, 4096); ; {
			n, err := master.Read(b)
			s.mu.Lock()
			s.text.Write(b[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s, slave
}

// start starts a program that has the terminal all to itself, in the lab; it is
// killed with all that it started when the test is over.
func (l *lab) start(cmd *exec.Cmd, terminal *os.File) {
	l.t.Helper()
	cmd.Env, cmd.Dir = l.env, l.home
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	terminal.Close()
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// shows waits for a text. A question that is broken between words is one line.
func (s *screen) shows(text string) {
	s.t.Helper()
	for range 2000 {
		if shown := s.String(); strings.Contains(shown, text) || strings.Contains(strings.ReplaceAll(shown, "\r\n  ", " "), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the screen does not show %q:\n%s", text, s)
}

func (s *screen) types(text string) {
	s.t.Helper()
	if _, err := s.file.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}
