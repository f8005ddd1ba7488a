//go:build unix

package early

import (
	"os"
	"syscall"
)

// WasClosed reports whether a standard stream was closed when the program
// started. Go's runtime then opens the null device in its place, for reading
// and writing (runtime/fds_unix.go); a shell opens it for one of the two. A
// caller that opens it for both, as Python's subprocess.DEVNULL does, can't be
// told apart.
func WasClosed(stream *os.File) bool {
	info, err := stream.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return err != nil
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(info, null) {
		return false
	}
	fd, one := int(stream.Fd()), make([]byte, 1)
	_, readErr := syscall.Read(fd, one)
	_, writeErr := syscall.Write(fd, one)
	return readErr == nil && writeErr == nil
}
