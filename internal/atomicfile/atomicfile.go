// Package atomicfile replaces files in one step: a reader sees the old text or
// the new one, also after a crash.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Replace puts text in the place of a file, with the given mode. The text is on
// the disk before it has the file's name. It lies under a name of its own until
// then, which what a killed process has left there does not keep; the caller
// holds a lock, so that there is one writer. check is called just before the
// name changes hands, and its error ends it. file is no symlink: see
// FollowLinks.
func Replace(file string, text []byte, mode fs.FileMode, check func() error) (err error) {
	beside := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".git-credential-mfa")
	if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp, err := os.OpenFile(beside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(beside)
		}
	}()
	if err := Fill(temp, text, mode); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	if err := Rename(beside, file); err != nil {
		return err
	}
	SyncFolder(filepath.Dir(file))
	return nil
}

// Fill writes the text of a new file, gives it its mode, 0 for the one that it
// has, and closes it once it is on the disk.
func Fill(file *os.File, text []byte, mode fs.FileMode) error {
	if _, err := file.Write(text); err != nil {
		return err
	}
	if mode != 0 {
		if err := file.Chmod(mode); err != nil {
			return err
		}
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// SyncFolder puts the names of the files in a folder on the disk. It does what
// it can: Windows has no such call, and some network file systems refuse it.
func SyncFolder(dir string) {
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// Rename does on Windows what git does there (mingw_rename in its
// compat/mingw.c): a read-only file is replaced as well, and one that another
// program has open, a virus scanner say, is tried again for half a second.
// ErrHeld is for the latter.
func Rename(from, to string) error {
	err := os.Rename(from, to)
	if runtime.GOOS != "windows" || !heldOrReadOnly(err) {
		return err
	}
	info, statErr := os.Stat(to)
	readOnly := statErr == nil && info.Mode().Perm()&0o200 == 0
	if readOnly {
		_ = os.Chmod(to, 0o600)
	}
	if err = Patiently(time.Second/2, func() error { return os.Rename(from, to) }); !heldOrReadOnly(err) {
		return err
	}
	if readOnly {
		_ = os.Chmod(to, info.Mode())
	}
	file, openErr := os.OpenFile(to, os.O_WRONLY, 0)
	if openErr != nil && !errors.Is(openErr, sharingViolation) {
		return err // no program has it open: this user may not write it
	}
	_ = file.Close()
	if names := holders(to); names != "" {
		return fmt.Errorf("%w, %s: %w", ErrHeld, names, err)
	}
	return fmt.Errorf("%w: %w", ErrHeld, err)
}

// Patiently tries again for a while on Windows, where a file that another
// process has open for a moment, a virus scanner for one, can be neither
// replaced nor removed, and one that is just being replaced can't be opened.
func Patiently(limit time.Duration, do func() error) error {
	err := do()
	for end := time.Now().Add(limit); runtime.GOOS == "windows" && heldOrReadOnly(err) && time.Now().Before(end); err = do() {
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// ErrHeld is for a file that another program has open, on Windows, so that it
// can't be replaced. The error that wraps it names the program where Windows
// tells it.
var ErrHeld = errors.New("another program has it open")

const sharingViolation = syscall.Errno(32)

// IsNotWritable reports whether an error says that this user may not write
// there, or, of a read-only file system, that nobody can.
func IsNotWritable(err error) bool {
	return !errors.Is(err, ErrHeld) && (errors.Is(err, fs.ErrPermission) || IsReadOnly(err))
}

// IsReadOnly reports whether an error is that of a read-only file system.
func IsReadOnly(err error) bool { return errors.Is(err, errReadOnly) }

func heldOrReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, sharingViolation)
}

// FollowLinks goes from a symlink to the file that it means, which need not
// exist: people keep their dotfiles elsewhere.
func FollowLinks(file string) (string, error) {
	for range 40 {
		target, err := os.Readlink(file)
		if err != nil {
			return file, nil // no symlink, or nothing there
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(file), target)
		}
		file = target
	}
	return "", fmt.Errorf("reading %s: %w", file, errors.New("too many symlinks"))
}
