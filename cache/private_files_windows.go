package cache

import (
	"io/fs"
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
)

// What lies under the user's profile on Windows inherits an access list of that
// user, the administrators and the system: there is no owner to look at, and
// nothing to take away.

func unshared(string, fs.FileInfo) error { return nil }

func tighten(string, fs.FileInfo) error { return nil }

func refuseForeign(string) error { return nil }

func explainDenied(_ string, denied error) error { return denied }

// claim has nothing to do on Windows: an open file can't be removed.
func claim(*os.File) bool { return true }

// removeAbandoned goes by age: a file is closed for a moment before it gets its
// name.
func removeAbandoned(path string) { removeOld(path) }

// moveOver closes before it renames: Windows renames no open file.
func moveOver(temp *os.File, path string) error {
	if err := temp.Close(); err != nil {
		return err
	}
	return atomicfile.Patiently(patience, func() error { return os.Rename(temp.Name(), path) })
}
