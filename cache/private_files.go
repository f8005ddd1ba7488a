package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// errShared says that other users can write to a folder, or could have written
// to it.
var errShared = errors.New("not a private folder")

// ForeignFolder is the error for a folder that belongs to another user. Root
// with the home of a user (sudo -E, su, a container with a mounted home) meets
// it, and so does a user in whose home root has made folders.
type ForeignFolder struct {
	Path string
	// Home is true when Path is HOME itself. Otherwise it is a folder that this
	// user needs.
	Home bool
}

func (e ForeignFolder) Error() string { return e.Path + ": it belongs to another user" }

func (e ForeignFolder) Unwrap() error { return errShared }

// LockDir returns the folder for Lock, made if need be: the user's cache
// folder, or, where that can't be used, as in containers, system services and
// after sudo, the folder that the login session has for such things. Never one
// that is shared, as /tmp: there anyone could take the lock, or forge a
// refusal. The error is ErrNoFolder, around a ForeignFolder if there is one.
func LockDir() (string, error) {
	return regularfile.Within(context.Background(), lockDir)
}

func lockDir() (string, error) {
	var errs []error
	for _, place := range []func() (string, error){os.UserCacheDir, runtimeDir} {
		dir, err := absolute(place)
		if err == nil {
			dir = filepath.Join(dir, appName)
			if err = privateDir(dir); err == nil {
				return dir, nil
			}
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("%w: %w; %w", ErrNoFolder, errs[0], errs[1])
}

// absolute returns the folder that place names. One that is relative, as with
// HOME=., is another one in each folder that git runs in.
func absolute(place func() (string, error)) (string, error) {
	dir, err := place()
	if err == nil && !filepath.IsAbs(dir) { // mutation: a relative home
		err = fmt.Errorf("%s: not an absolute path", dir)
	}
	return dir, err
}

// FolderHints are what mends an error of LockDir, or of the file keyring's
// folder, commands where there are any.
func FolderHints(err error) []string {
	var foreign ForeignFolder
	switch {
	case errors.As(err, &foreign) && foreign.Home:
		return []string{"take a home of your own: sudo -H, su -, or " + shell.Here.Set("HOME", "DIR")}
	case foreign.Path != "":
		return []string{`to make it yours again: sudo chown -R "$(id -u)" ` + shell.Here.Quote(foreign.Path)}
	case errors.Is(err, ErrNoFolder):
		// LockDir's places: what os.UserCacheDir heeds, or on a Mac, where that is
		// below the home, the second.
		variables := map[shell.System]string{shell.Linux: "XDG_CACHE_HOME", shell.MacOS: "XDG_RUNTIME_DIR", shell.Windows: "LOCALAPPDATA"}
		return []string{shell.Here.Set(variables[shell.Here], "DIR") + ", a folder that is yours alone and can be written to"}
	}
	return nil
}

// runtimeDir returns the folder that the login session has for sockets and the
// like: XDG_RUNTIME_DIR, if it is as the XDG Base Directory Specification has
// it, ours and writable for no one else. After su or sudo it may be another
// user's, and where no login session sets it up it may be a name in a shared
// folder that anyone can guess.
func runtimeDir() (string, error) {
	if runtime.GOOS == "windows" {
		return "", errors.New("there is no other such folder on Windows")
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(dir) { // mutation: fault: no home
		return "", errors.New("XDG_RUNTIME_DIR is not set")
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	return dir, ownFolder(dir, info) // mutation: a runtime folder of another user
}

// privateDir makes dir, or makes sure that it is writable for us and for no one
// else. A symlink is not followed: whoever may place one decides where we
// write.
func privateDir(dir string) error {
	if err := refuseForeign(dir); err != nil { // mutation: root makes nothing in a home of another user
		return err
	}
	err := makePrivate(dir)
	if errors.Is(err, fs.ErrPermission) {
		return explainDenied(dir, err)
	}
	return err
}

func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if err := ownFolder(dir, info); err != nil {
		return err
	}
	return tighten(dir, info)
}

// ownFolder returns nil for a folder, not a symlink to one, that only this user
// can put files into.
func ownFolder(dir string, info fs.FileInfo) error {
	if !info.IsDir() {
		return fmt.Errorf("%s: %w: it is not a folder", dir, errShared)
	}
	return unshared(dir, info)
}

const tempPrefix = ".tmp-"

// tempAge is when a temporary file belongs to a process that died, where
// nothing better tells: writing one takes milliseconds.
const tempAge = 10 * time.Minute

// patience is how long Windows is given to let go of a file: many processes may
// use the file keyring at once.
const patience = 2 * time.Second

// writeFile puts data in path's place in one step: a reader sees the old file
// or the new one, and so does the machine after a power cut, for which the file
// must be on the disk before its name is, and the folder after it.
func writeFile(path string, data []byte) error {
	return regularfile.Do(context.Background(), func() error { return replace(path, data) })
}

func replace(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	sweep(dir)
	temp, err := newTemp(dir, filepath.Base(path)) // mutation: fault: written beside, then renamed
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
		}
	}()
	if _, err = temp.Write(data); err != nil {
		return err
	}
	if err = temp.Sync(); err != nil { // mutation: fault: on the disk before it has a name
		return err
	}
	if err = moveOver(temp, path); err != nil {
		return err
	}
	atomicfile.SyncFolder(dir)
	return nil
}

// newTemp makes a file, of mode 0600, that sweep leaves alone while this
// process lives.
func newTemp(dir, name string) (*os.File, error) {
	for {
		temp, err := os.CreateTemp(dir, tempPrefix+name+"-*")
		if err != nil {
			return nil, err
		}
		if claim(temp) {
			return temp, nil
		}
		_ = temp.Close() // a sweep that came between has it
	}
}

// sweep removes what processes that were killed while writing have left. It is
// encrypted, but holds a session.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tempPrefix) && entry.Type().IsRegular() {
			removeAbandoned(filepath.Join(dir, entry.Name())) // mutation: fault: what the dead leave is swept
		}
	}
}

// removeOld removes a file that nobody can be writing any more.
func removeOld(path string) {
	if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > tempAge {
		_ = os.Remove(path)
	}
}
