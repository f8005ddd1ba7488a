package cache

import (
	"io/fs"
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
)

// On Windows, folders under the user's profile inherit its access list: that
// user, the administrators and the system. There is nothing to check or change.

func unshared(string, fs.FileInfo) error { return nil }

func tighten(string, fs.FileInfo) error { return nil }

func refuseForeign(string) error { return nil }

func explainDenied(_ string, denied error) error { return denied }

// claim does nothing: Windows does not remove an open file.
func claim(*os.File) bool { return true }

// removeAbandoned goes by the file's age, because moveOver closes the file
// before it renames it.
func removeAbandoned(path string) { removeOld(path) }

// moveOver closes the file before it renames it, because Windows does not rename
// an open file.
func moveOver(temp *os.File, path string) error {
	if err := temp.Close(); err != nil {
		return err
	}
	return atomicfile.Patiently(patience, func() error { return os.Rename(temp.Name(), path) })
}
