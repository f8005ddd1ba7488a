package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const appName = "git-credential-mfa"

// errShared says that others have, or may have had, their hands in a folder.
var errShared = errors.New("not a private folder")

// LockDir returns the folder for Lock, made if need be: the user's cache folder, or, where the home directory is missing
// or read-only, as in containers and system services, the folder that the login session has for such things. Never one
// that is shared, as /tmp: there anyone could take the lock, or forge a refusal.
func LockDir() (string, error) {
	base, err := os.UserCacheDir()
	if err == nil {
		dir := filepath.Join(base, appName)
		if err = privateDir(dir); err == nil {
			return dir, nil
		}
		if errors.Is(err, errShared) {
			return "", fmt.Errorf("%w: %w", ErrNoFolder, err)
		}
	}
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(runtimeDir) { // mutation: fault: no home
		return "", fmt.Errorf("%w: %w", ErrNoFolder, err)
	}
	dir := filepath.Join(runtimeDir, appName)
	if err := privateDir(dir); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoFolder, err)
	}
	return dir, nil
}

// privateDir makes dir, or makes sure that it is writable for us and for no one else. A symlink is not followed: whoever
// may place one decides where we write.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: %w: it is not a folder", dir, errShared)
	}
	return tighten(dir, info)
}
