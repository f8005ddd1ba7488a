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

// errShared: other users can write to the folder, or could have written to it.
var errShared = errors.New("not a private folder")

// ForeignFolder is the error for a folder that belongs to another user. It
// happens to root with a user's home (sudo -E, su, a container with a mounted
// home), and to a user in whose home root has created folders.
type ForeignFolder struct {
	Path string
	// Home is true if Path is HOME itself.
	Home bool
}

func (e ForeignFolder) Error() string { return e.Path + ": it belongs to another user" }

func (e ForeignFolder) Unwrap() error { return errShared }

// LockDir returns the folder for Lock, and creates it if it does not exist. It
// is in the user's cache folder, or, if that can't be used, as in containers,
// system services and after sudo, in XDG_RUNTIME_DIR. It is never in a shared
// folder such as /tmp, where anyone could take the lock or forge a refusal. The
// error wraps ErrNoFolder, and a ForeignFolder if there is one.
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

// absolute returns the folder that place names, unless its path is relative, as
// with HOME=.: that would be another folder wherever git runs.
func absolute(place func() (string, error)) (string, error) {
	dir, err := place()
	if err == nil && !filepath.IsAbs(dir) { // mutation: a relative home
		err = fmt.Errorf("%s: not an absolute path", dir)
	}
	return dir, err
}

// FolderHints returns the hints for an error of LockDir or of the file keyring's
// folder.
func FolderHints(err error) []string {
	var foreign ForeignFolder
	switch {
	case errors.As(err, &foreign) && foreign.Home:
		return []string{"use your own home folder: sudo -H, su -, or " + shell.Here.Set("HOME", "DIR")}
	case foreign.Path != "":
		return []string{`to make it yours again: sudo chown -R "$(id -u)" ` + shell.Here.Quote(foreign.Path)}
	case errors.Is(err, ErrNoFolder):
		// The variables that move the folder of LockDir. On a Mac none moves the
		// user's cache folder.
		variables := map[shell.System]string{shell.Linux: "XDG_CACHE_HOME", shell.MacOS: "XDG_RUNTIME_DIR", shell.Windows: "LOCALAPPDATA"}
		return []string{shell.Here.Set(variables[shell.Here], "DIR") + ", a folder that only you can write to"}
	}
	return nil
}

// runtimeDir returns XDG_RUNTIME_DIR, if only this user can write to it, as the
// XDG Base Directory Specification demands. After su or sudo it may be another
// user's, and without a login session a name that anyone can guess in a shared
// folder.
func runtimeDir() (string, error) {
	if runtime.GOOS == "windows" {
		return "", errors.New("there is no XDG_RUNTIME_DIR on Windows")
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

// privateDir creates dir if need be, and makes sure that this user can write to
// it and no one else can. It refuses a symlink, because whoever placed it
// decides where the files go.
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

// ownFolder returns nil for a folder (not a symlink to one) that only this user
// can write to.
func ownFolder(dir string, info fs.FileInfo) error {
	if !info.IsDir() {
		return fmt.Errorf("%s: %w: it is not a folder", dir, errShared)
	}
	return unshared(dir, info)
}

const tempPrefix = ".tmp-"

// tempAge is the age from which a temporary file counts as left behind by a
// process that died, where locks can't tell. To write one takes milliseconds.
const tempAge = 10 * time.Minute

// patience is how long a file that another process has open is tried again on
// Windows: many processes may use the file keyring at once.
const patience = 2 * time.Second

// writeFile replaces a file in one step: a reader sees the old file or the new
// one, also after a power cut. For that, the data is on the disk before the file
// gets its name, and then the folder.
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

// newTemp creates a file of mode 0600, which sweep does not remove as long as
// this process has it open.
func newTemp(dir, name string) (*os.File, error) {
	for {
		temp, err := os.CreateTemp(dir, tempPrefix+name+"-*")
		if err != nil {
			return nil, err
		}
		if claim(temp) {
			return temp, nil
		}
		_ = temp.Close() // a sweep of another process has just taken it
	}
}

// sweep removes temporary files of processes that were killed while writing.
// They are encrypted, but hold a session.
func sweep(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tempPrefix) && entry.Type().IsRegular() {
			removeAbandoned(filepath.Join(dir, entry.Name())) // mutation: fault: what the dead leave is swept
		}
	}
}

// removeOld removes a file that is older than tempAge.
func removeOld(path string) {
	if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > tempAge {
		_ = os.Remove(path)
	}
}
