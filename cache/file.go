package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

const fileSuffix = ".sealed"

// fileRing keeps one encrypted file per item, for machines without a keyring. It is ours, not the library's: that one
// derives its key with 8,192 rounds of PBKDF2 (OWASP asks for 600,000), which a graphics card guesses through, and it
// writes in place, so that parallel processes read torn files.
type fileRing struct {
	noMetadata
	dir        string
	passphrase []byte
	cost       cost
}

func openFile(o Options) (opened, error) {
	if len(o.Passphrase) == 0 {
		return opened{}, ErrNoPassphrase
	}
	dir := o.Dir
	if dir == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return opened{}, fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrNoHome, err)
		}
		dir = filepath.Join(config, appName, "keyring")
	}
	if err := regularfile.Do(context.Background(), func() error { return privateDir(dir) }); err != nil {
		return opened{}, fmt.Errorf("%w: using the file keyring's folder: %w", ErrUnavailable, err)
	}
	return named(&fileRing{dir: dir, passphrase: o.Passphrase, cost: usualCost}, backendFile), nil
}

// path keeps keys from naming anything outside the folder.
func (f *fileRing) path(key string) (string, error) {
	for _, c := range []byte(key) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return "", fmt.Errorf("no name for a file: %q", key)
		}
	}
	return filepath.Join(f.dir, key+fileSuffix), nil
}

func (f *fileRing) Get(key string) (keyring.Item, error) {
	path, err := f.path(key)
	if err != nil {
		return keyring.Item{}, err
	}
	sealed, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keyring.Item{}, keyring.ErrKeyNotFound
	}
	if err != nil {
		return keyring.Item{}, err
	}
	data, err := unseal(f.passphrase, key, sealed)
	if err != nil {
		return keyring.Item{}, err
	}
	return keyring.Item{Key: key, Data: data}, nil
}

func readFile(path string) (data []byte, err error) {
	err = patiently(func() error {
		data, err = regularfile.Read(context.Background(), path) // mutation: a pipe for a sealed file
		return err
	})
	return data, err
}

// Set refuses to replace an item of another passphrase: a mistyped one must not cost a session. logout removes it.
func (f *fileRing) Set(item keyring.Item) error {
	path, err := f.path(item.Key)
	if err != nil {
		return err
	}
	if _, err := f.Get(item.Key); err != nil && !absent(err) {
		return err
	}
	sealed, err := seal(f.passphrase, item.Key, item.Data, f.cost)
	if err != nil {
		return err
	}
	return writeFile(path, sealed)
}

// Remove needs no passphrase, so that one who has forgotten it can still log out.
func (f *fileRing) Remove(key string) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	err = regularfile.Do(context.Background(), func() error {
		sweep(f.dir)
		return patiently(func() error { return os.Remove(path) })
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *fileRing) Keys() ([]string, error) {
	entries, err := regularfile.Within(context.Background(), func() ([]fs.DirEntry, error) { return os.ReadDir(f.dir) })
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, entry := range entries {
		key, ok := strings.CutSuffix(entry.Name(), fileSuffix)
		if _, err := f.path(key); ok && err == nil && entry.Type().IsRegular() {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}
