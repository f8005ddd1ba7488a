package gitconfig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

var (
	// ErrLocked means that another git is writing the file, or was killed while it
	// did.
	ErrLocked = errors.New("it is locked by another git")
	// ErrNotWritable means that this user can't replace the file.
	ErrNotWritable = errors.New("no permission to write there")
	// ErrNoFolder means that the file's folder does not exist.
	ErrNoFolder = errors.New("there is no such folder")
)

// lockWait is how long another git may hold the lock, which it does for one write.
const lockWait = 2 * time.Second

// Edit changes a file as git does (lockfile.h): it writes the new text to
// FILE.lock, which only one process can create, and renames that to the file. A
// symbolic link is kept, and so is the file's mode. The text of a file that
// does not exist is nil, and a file whose new text is nil is removed.
//
// change is called again when the lock is held. check, unless nil, gets the
// name of the locked file with the new text before it replaces the file. Edit
// returns whether the file changed.
func Edit(ctx context.Context, file string, change func(old []byte) ([]byte, error), check func(file string) error) (bool, error) {
	file, err := atomicfile.FollowLinks(file)
	if err != nil {
		return false, err
	}
	old, _, err := read(file)
	if err != nil {
		return false, err
	}
	// Without a change there is no lock, so the folder need not be writable.
	if text, err := change(old); err != nil || bytes.Equal(text, old) {
		return false, err
	}
	lock, err := acquire(ctx, file+".lock")
	if err != nil {
		return false, err
	}
	changed, err := replace(file, lock, change, check)
	if !changed {
		_ = lock.Close()
		_ = os.Remove(lock.Name())
	}
	return changed, err
}

// replace reads the file again, now that no other process writes it, and
// changes it.
func replace(file string, lock *os.File, change func(old []byte) ([]byte, error), check func(file string) error) (bool, error) {
	old, mode, err := read(file)
	if err != nil {
		return false, err
	}
	text, err := change(old)
	if err != nil || bytes.Equal(text, old) {
		return false, err
	}
	if text == nil {
		return remove(file, lock)
	}
	if err := atomicfile.Fill(lock, text, mode); err != nil {
		return false, fmt.Errorf("writing %s: %w", lock.Name(), err)
	}
	if check != nil {
		if err := check(lock.Name()); err != nil {
			return false, err
		}
	}
	if err := atomicfile.Rename(lock.Name(), file); err != nil {
		return false, writeError(file, err)
	}
	return true, nil
}

// remove removes a file, and then its lock.
func remove(file string, lock *os.File) (bool, error) {
	if err := os.Remove(file); err != nil {
		return false, writeError(file, err)
	}
	_ = lock.Close()
	_ = os.Remove(lock.Name())
	return true, nil
}

// read returns the text and the mode of a file, or nil and 0 if it does not exist.
func read(file string) ([]byte, fs.FileMode, error) {
	text, err := regularfile.Read(context.Background(), file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading git's configuration: %w", err)
	}
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() { // mutation: the null device is not replaced
		err = &fs.PathError{Op: "replace", Path: file, Err: regularfile.ErrNotRegular}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading git's configuration: %w", err)
	}
	return text, info.Mode().Perm(), nil
}

// acquire creates the lock file, for which it waits while another process has it.
func acquire(ctx context.Context, name string) (*os.File, error) {
	deadline := time.Now().Add(lockWait)
	for {
		lock, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if err == nil {
			return lock, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, writeError(name, err)
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("writing git's configuration: %s: %w", name, ErrLocked)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// writeError returns an error that names the file once.
func writeError(file string, err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		err = named.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w (%w)", ErrNoFolder, err)
	}
	if atomicfile.IsNotWritable(err) {
		err = fmt.Errorf("%w (%w)", ErrNotWritable, err)
	}
	return fmt.Errorf("writing git's configuration: %s: %w", file, err)
}

// Install writes our block into a file. change returns its sections, given
// those that the file has. Install returns whether the file changed.
func (g Git) Install(ctx context.Context, file string, change func(old []Section) ([]Section, error)) (bool, error) {
	var sections []Section
	edit := func(old []byte) (text []byte, err error) {
		if sections, err = change(Sections(old)); err != nil {
			return nil, err
		}
		return With(old, sections, g.leads(file, 1)), nil
	}
	return Edit(ctx, file, edit, func(file string) error { return g.verify(ctx, file, sections) })
}

// Uninstall removes our block from a file. It returns whether the file changed.
func Uninstall(ctx context.Context, file string) (bool, error) {
	return Edit(ctx, file, func(old []byte) ([]byte, error) { return Without(old), nil }, nil)
}

// ErrSyntax means that git can't read the new file, or reads it differently.
var ErrSyntax = errors.New("git would not read the file correctly, so it was not changed")

// verify makes git read a file, and compares the result with our sections: the text
// before the block may be invalid, and a path may contain anything.
func (g Git) verify(ctx context.Context, file string, sections []Section) error {
	out, err := g.run(ctx, "config", "--file", file, "--null", "--get-regexp", `^credential\.`)
	if exitStatus(err) != 0 {
		return fmt.Errorf("checking the new text: %w (%w)", ErrSyntax, err)
	}
	if err != nil {
		return fmt.Errorf("checking the new text: %w", err)
	}
	found, err := parseRecords(out, 1)
	if err != nil {
		return err
	}
	for _, s := range sections {
		var last string
		for _, e := range found {
			if e.Label == s.Label && e.Key == "helper" {
				last = e.Value
			}
		}
		if last != s.Helper {
			return fmt.Errorf("checking the new text: %s: %q instead of %q: %w", s.Label, last, s.Helper, ErrSyntax)
		}
	}
	return nil
}
