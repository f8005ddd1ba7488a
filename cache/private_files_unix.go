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

// unshared refuses a folder into which others may put, or may already have put,
// something.
func unshared(dir string, info fs.FileInfo) error {
	if owner(info) != os.Geteuid() { // mutation: fault: a folder of another user
		return ForeignFolder{Path: dir}
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
	// The folder may have been made before its file system became read-only.
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return &fs.PathError{Op: "access", Path: dir, Err: err}
	}
	return nil
}

// refuseForeign refuses a dir in the home of another user, or in another folder
// of one. What root made there would keep that user out of it. Folders of
// root's are accepted, since root can read them in any case.
func refuseForeign(dir string) error {
	parents, _ := existing(dir)
	for _, parent := range parents {
		if parent.uid != os.Geteuid() && parent.uid != 0 { // mutation: fault: a home of another user
			return ForeignFolder{Path: parent.path, Home: parent.path == home()}
		}
	}
	return nil
}

// explainDenied names the folder in the home that has to be given back to this
// user before dir can be used, if it is one.
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

// existing returns the folders above and at dir that exist and can be reached,
// from the home down. Outside the home it returns only the lowest of them: who
// owns those above says nothing there.
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

func home() string {
	if home := os.Getenv("HOME"); home != "" {
		return filepath.Clean(home)
	}
	return ""
}

// owner returns the uid of a file's owner.
func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

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
