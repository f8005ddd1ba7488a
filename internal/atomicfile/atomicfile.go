// Package atomicfile replaces a file in one step: a reader sees the old text or
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

// Replace replaces a file with text, and gives it a mode. It writes the text to
// a temporary file beside it, puts that on the disk, calls check, and renames
// it. If check returns an error, Replace returns that, and the file is not
// changed. The caller holds a lock, because the temporary file has a fixed name;
// one that a killed process left is overwritten. file must not be a symlink: see
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

// Fill writes the text of a new file, sets its mode unless mode is 0, puts it on
// the disk and closes it.
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

// SyncFolder puts the names of a folder's files on the disk, where the system
// can: Windows has no such call, and some network file systems refuse it.
func SyncFolder(dir string) {
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// Rename renames a file, on Windows as git does (mingw_rename in its
// compat/mingw.c): it replaces a read-only file too, and tries for half a second
// to replace a file that another program, such as a virus scanner, has open.
// Then the error is ErrHeld.
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
		return err // no program has it open, but this user may not write it
	}
	_ = file.Close()
	if names := holders(to); names != "" {
		return fmt.Errorf("%w, %s: %w", ErrHeld, names, err)
	}
	return fmt.Errorf("%w: %w", ErrHeld, err)
}

// Patiently calls do, and on Windows calls it again until the limit if another
// process has the file open: such a file can't be replaced or removed, and one
// that is being replaced can't be opened.
func Patiently(limit time.Duration, do func() error) error {
	err := do()
	for end := time.Now().Add(limit); runtime.GOOS == "windows" && heldOrReadOnly(err) && time.Now().Before(end); err = do() {
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// ErrHeld: another program has the file open, so that Windows does not replace
// it. The error that wraps it names the program if Windows knows it.
var ErrHeld = errors.New("another program has it open")

// Errors of Windows: ERROR_WRITE_PROTECT and ERROR_SHARING_VIOLATION.
const (
	writeProtect     = syscall.Errno(19)
	sharingViolation = syscall.Errno(32)
)

// IsNotWritable reports whether an error means that this user may not write
// there, or that the file system is read-only.
func IsNotWritable(err error) bool {
	return !errors.Is(err, ErrHeld) && (errors.Is(err, fs.ErrPermission) || IsReadOnly(err))
}

// IsReadOnly reports whether an error is that of a read-only file system.
func IsReadOnly(err error) bool {
	if runtime.GOOS == "windows" {
		return errors.Is(err, writeProtect)
	}
	return errors.Is(err, syscall.EROFS)
}

// heldOrReadOnly reports whether an error may go away: the file is read-only, or
// another program has it open.
func heldOrReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, sharingViolation)
}

// FollowLinks returns the file that a symlink leads to, which need not exist, or
// file itself if it is no symlink. People keep their dotfiles elsewhere.
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
