package cache

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

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
