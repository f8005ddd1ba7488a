//go:build unix

package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// unshared returns an error for a folder that other users can write to, or could
// have written to.
func unshared(dir string, info fs.FileInfo) error {
	if owner(info) != os.Geteuid() { // mutation: fault: a folder of another user
		return ForeignFolder{Path: dir}
	}
	if info.Mode().Perm()&0o022 != 0 { // mutation: fault: a folder that others write to
		return fmt.Errorf("%s: %w: other users can write to it (check its content, then chmod 700 it)", dir, errShared)
	}
	return nil
}

// tighten sets the folder's mode to 0700, and makes sure that this user can
// write to it.
func tighten(dir string, info fs.FileInfo) error {
	if info.Mode().Perm() != 0o700 {
		if err := os.Chmod(dir, 0o700); err != nil {
			return err
		}
	}
	// Its file system may have become read-only.
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return &fs.PathError{Op: "access", Path: dir, Err: err}
	}
	return nil
}

// refuseForeign returns an error if dir is in the home, or in another folder, of
// another user: what root creates there, that user can't write to. It accepts
// folders of root, who can read everything anyway.
func refuseForeign(dir string) error {
	parents, _ := existing(dir)
	for _, parent := range parents {
		if parent.uid != os.Geteuid() && parent.uid != 0 { // mutation: fault: a home of another user
			return ForeignFolder{Path: parent.path, Home: parent.path == home()}
		}
	}
	return nil
}

// explainDenied adds to the error the first folder between the home and dir that
// belongs to another user, if there is one.
func explainDenied(dir string, denied error) error {
	parents, inHome := existing(dir)
	for _, parent := range parents {
		if inHome && parent.path != home() && parent.uid != os.Geteuid() { // mutation: what root left in a home is named
			return fmt.Errorf("%w: %w", ForeignFolder{Path: parent.path}, denied)
		}
	}
	return denied
}

type ownedFolder struct {
	path string
	uid  int
}

// existing returns dir and the folders above it that exist and can be reached,
// from the home down. Outside the home it returns only the lowest, because the
// owner of the others does not matter.
func existing(dir string) (folders []ownedFolder, inHome bool) {
	path, last := filepath.Clean(dir), ""
	for ; path != last && !inHome; path, last = filepath.Dir(path), path {
		if info, err := os.Stat(path); err == nil {
			folders = append(folders, ownedFolder{path, owner(info)})
		}
		inHome = path == home()
	}
	if !inHome {
		return folders[:min(1, len(folders))], false
	}
	slices.Reverse(folders)
	return folders, true
}

// home returns HOME, or "" if it is not set.
func home() string {
	if home := os.Getenv("HOME"); home != "" {
		return filepath.Clean(home)
	}
	return ""
}

// owner returns the uid of a file's owner.
func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// claim locks a temporary file until it is closed, or this process dies. It
// returns false if a sweep has removed the file. On a file system without locks
// it does nothing, and sweep goes by the file's age.
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

// removeAbandoned removes a temporary file that no process has claimed.
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

// moveOver renames the file before it closes it, because closing ends the claim.
func moveOver(temp *os.File, path string) error {
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return temp.Close()
}
