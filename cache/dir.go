package cache

import (
	"errors"
	"fmt"
	"io/fs"
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
	runtime, runtimeErr := runtimeDir()
	if runtimeErr != nil {
		return "", fmt.Errorf("%w: %w; %w", ErrNoFolder, err, runtimeErr)
	}
	dir := filepath.Join(runtime, appName)
	if err := privateDir(dir); err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoFolder, err)
	}
	return dir, nil
}

// runtimeDir returns the folder that the login session has for sockets and the like: XDG_RUNTIME_DIR, if it is as the XDG
// Base Directory Specification has it, ours and writable for no one else. After su or sudo it may be another user's, and
// where no login session sets it up it may be a name in a shared folder that anyone can guess.
func runtimeDir() (string, error) {
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
	if err := ownFolder(dir, info); err != nil {
		return err
	}
	return tighten(dir, info)
}

// ownFolder returns nil for a folder, not a symlink to one, that only this user can put files into.
func ownFolder(dir string, info fs.FileInfo) error {
	if !info.IsDir() {
		return fmt.Errorf("%s: %w: it is not a folder", dir, errShared)
	}
	return unshared(dir, info)
}
