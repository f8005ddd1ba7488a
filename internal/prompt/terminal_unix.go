//go:build unix

package prompt

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

var errBackground = errors.New("this process is in the background of its terminal")

type devTTY struct{ *os.File }

func (t devTTY) name() string { return "/dev/tty" }

// openTerminal opens the controlling terminal. It fails for a process in the
// background, which would be stopped (SIGTTIN) when it reads.
func openTerminal() (terminal, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	foreground, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	if err == nil && foreground != unix.Getpgrp() {
		err = errBackground
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return devTTY{f}, nil
}

// showColours does nothing: terminals understand escape sequences.
func showColours(terminal) func() { return func() {} }

// outputOf returns the terminal itself.
func outputOf(_ terminal, terminal uintptr) int { return int(terminal) }
