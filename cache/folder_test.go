//go:build !windows

package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// folder is a keyring that processes share, where there is no Windows: a file
// an item, put in place in one step.
type folder struct{ dir string }

func (f *folder) Get(key string) (keyring.Item, error) {
	data, err := os.ReadFile(filepath.Join(f.dir, key))
	if errors.Is(err, fs.ErrNotExist) {
		err = keyring.ErrKeyNotFound
	}
	return keyring.Item{Key: key, Data: data}, err
}

func (f *folder) Set(item keyring.Item) error {
	if len(item.Data) > narrowLimit {
		return errTooLarge
	}
	temp, err := os.CreateTemp(f.dir, ".")
	if err != nil {
		return err
	}
	_, err = temp.Write(item.Data)
	return errors.Join(err, temp.Close(), os.Rename(temp.Name(), filepath.Join(f.dir, item.Key)))
}

func (f *folder) Remove(key string) error {
	err := os.Remove(filepath.Join(f.dir, key))
	if errors.Is(err, fs.ErrNotExist) {
		err = keyring.ErrKeyNotFound
	}
	return err
}

func (f *folder) Keys() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	var keys []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			keys = append(keys, entry.Name())
		}
	}
	return keys, err
}

// sharedRing is a keyring in parts that all processes with that folder share,
// and the one below it.
func sharedRing(dir string) (ring, below keyring.Keyring, err error) {
	items := filepath.Join(dir, "items")
	if err := os.MkdirAll(items, 0o700); err != nil {
		return nil, nil, err
	}
	below = &folder{dir: items}
	lock := func() (func(), error) { return lockWriters(context.Background(), dir) }
	trace := func(string, ...any) {}
	return &parted{ring: below, max: narrowLimit, lock: lock, trace: trace}, below, nil
}

func sharedEnv(string) []string { return nil }
