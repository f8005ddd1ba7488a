//go:build unix

package cache

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// unshared refuses a folder into which others may put, or may already have put, something.
func unshared(dir string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Geteuid() { // mutation: fault: a folder of another user
		return fmt.Errorf("%s: %w: it belongs to another user", dir, errShared)
	}
	if info.Mode().Perm()&0o022 != 0 { // mutation: fault: a folder that others write to
		return fmt.Errorf("%s: %w: others may write to it (chmod 700 it once its content is known)", dir, errShared)
	}
	return nil
}

// tighten takes away what others may read, and makes sure that we can write.
func tighten(dir string, info fs.FileInfo) error {
	if info.Mode().Perm() != 0o700 {
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
	}
	// A folder from better days on a file system that is now read-only.
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return &fs.PathError{Op: "access", Path: dir, Err: err}
	}
	return nil
}
