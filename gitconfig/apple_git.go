package gitconfig

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// AppleShim is the git that every Mac has. It starts the git of Xcode or of Apple's
// command line tools. If neither is installed, it opens a window that offers to
// install them.
const AppleShim = "/usr/bin/git"

// AppleGit returns the git that AppleShim starts, or "" if there is none.
var AppleGit = sync.OnceValue(func() string { return appleGit("/usr/bin/xcode-select") })

// appleGit asks xcode-select, which finds Xcode in any folder, obeys
// DEVELOPER_DIR as the shim does, and opens no window.
func appleGit(xcodeSelect string) string {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, xcodeSelect, "-p").Output()
	git := filepath.Join(strings.TrimSpace(string(out)), "usr", "bin", "git")
	if err != nil || !filepath.IsAbs(git) {
		return ""
	}
	if _, err := exec.LookPath(git); err != nil {
		return ""
	}
	return git
}

// noGitBehind returns an error if a program is AppleShim and there is no git
// that it could start.
func noGitBehind(program string) error {
	if runtime.GOOS != "darwin" {
		return nil
	}
	path, err := exec.LookPath(program)
	if err != nil || path != AppleShim || AppleGit() != "" {
		return nil
	}
	return fmt.Errorf("%w: %s needs Apple's command line tools", ErrNoGit, path)
}
