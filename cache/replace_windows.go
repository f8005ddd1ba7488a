package cache

import (
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
)

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
