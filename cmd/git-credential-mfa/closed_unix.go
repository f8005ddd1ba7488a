//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// wasClosed reports whether a standard stream was closed when the program
// started. Go's runtime opens the null device in its place, for reading and
// writing (runtime/fds_unix.go), where a shell's "</dev/null" is for reading.
func wasClosed(stream *os.File) bool {
	info, err := stream.Stat()
	null, nullErr := os.Stat(os.DevNull)
	if err != nil || nullErr != nil || !os.SameFile(info, null) {
		return err != nil
	}
	flags, err := unix.FcntlInt(stream.Fd(), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}
