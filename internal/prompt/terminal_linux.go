package prompt

import "golang.org/x/sys/unix"

func (t devTTY) discard() { _ = unix.IoctlSetInt(int(t.Fd()), unix.TCFLSH, unix.TCIFLUSH) }
