//go:build unix

package cache

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// claim locks a temporary file until it is closed, by the kernel when this
// process dies. It fails when a sweep was quicker. Where a file system has no
// locks, a file is abandoned once it is old.
func claim(temp *os.File) bool {
	err := unix.Flock(int(temp.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false
	}
	info, err := temp.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || stat.Nlink > 0
}

// removeAbandoned removes a temporary file that no living process has claimed.
func removeAbandoned(path string) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer file.Close()
	switch err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case err == nil: // mutation: fault: what the living write is not
		_ = os.Remove(path)
	case !errors.Is(err, unix.EWOULDBLOCK):
		removeOld(path)
	}
}

// moveOver renames before it closes: closed, the file is no longer claimed.
func moveOver(temp *os.File, path string) error {
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return temp.Close()
}
