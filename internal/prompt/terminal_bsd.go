//go:build unix && !linux

package prompt

import "golang.org/x/sys/unix"

func (t devTTY) discard() { _ = unix.IoctlSetPointerInt(int(t.Fd()), unix.TIOCFLUSH, unix.TCIFLUSH) }
