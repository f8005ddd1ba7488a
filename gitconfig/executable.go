package gitconfig

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Executable returns the path of this program that stays the same when a new
// version is installed: the link on PATH to the same file, such as
// /opt/homebrew/bin/git-credential-mfa, rather than a folder with a version in
// its name (as gh does, cli/cli#2995).
func Executable() (string, error) {
	running, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("looking for this program's path: %w", err)
	}
	return stable(running, filepath.SplitList(os.Getenv("PATH"))), nil
}

func stable(running string, folders []string) string {
	self, err := os.Stat(running)
	if err != nil {
		return running
	}
	names := []string{filepath.Base(running), program}
	if runtime.GOOS == "windows" {
		names = append(names, program+".exe")
	}
	for _, folder := range append(folders, brewFolders(running)...) {
		if !filepath.IsAbs(folder) || strings.Contains(filepath.ToSlash(folder), "/Cellar/") {
			continue // would be another one elsewhere, or gone after an upgrade
		}
		for _, name := range names {
			link := filepath.Join(folder, name)
			if info, err := os.Stat(link); err == nil && os.SameFile(info, self) {
				return link
			}
		}
	}
	return running
}

// brewFolders are where Homebrew links PREFIX/Cellar/FORMULA/VERSION/bin, for
// a PATH that does not have them.
func brewFolders(running string) []string {
	prefix, rest, ok := strings.Cut(filepath.ToSlash(running), "/Cellar/")
	if !ok {
		return nil
	}
	formula, _, _ := strings.Cut(rest, "/")
	return []string{filepath.Join(prefix, "bin"), filepath.Join(prefix, "opt", formula, "bin")}
}

// Temporary reports whether a program lies where it will soon be deleted: "go
// run" builds in such a folder.
func Temporary(path string) bool {
	if strings.Contains(filepath.ToSlash(path), "/go-build") {
		return true
	}
	for _, folder := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if inside(path, folder) {
			return true
		}
		real, err := filepath.EvalSymlinks(folder) // macOS: /tmp is a link
		if err == nil && inside(path, real) {
			return true
		}
	}
	return false
}

func inside(path, folder string) bool {
	rest, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rest)
}
