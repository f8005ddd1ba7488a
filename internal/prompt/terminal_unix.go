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

// openTerminal opens the controlling terminal. Reading from it stops a
// process that is in the background (SIGTTIN), for ever if nobody looks, so
// the foreground is asked for first.
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

// showColours does nothing: terminals obey escape sequences.
func showColours(terminal) func() { return func() {} }

// outputOf is the terminal itself.
func outputOf(_ terminal, terminal uintptr) int { return int(terminal) }
