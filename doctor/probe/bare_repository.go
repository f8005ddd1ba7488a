package probe

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// named returns the system with the folder named as the repository, where it is
// a bare one in which the person's git works. Otherwise git passes it over, since
// gitconfig.Inert has it read none that it only stumbles upon: one in a folder of
// a work tree may have come with that (git-config(1), safe.bareRepository).
func (s System) named(ctx context.Context, git string) System {
	if filepath.Base(s.Dir) == ".git" { // the person stands in the .git of a work tree
		s.Dir = filepath.Dir(s.Dir)
	}
	given := slices.ContainsFunc(s.Environ, func(pair string) bool { return strings.HasPrefix(pair, "GIT_DIR=") })
	if given || belowWorkTree(s.Dir) {
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "rev-parse", "--git-dir")
	cmd.Dir, cmd.WaitDelay = s.Dir, time.Second
	cmd.Env = gitconfig.WithSettings(gitconfig.Inert(s.Environ), [][2]string{{"safe.bareRepository", "all"}})
	gitexec.Hide(cmd)
	if out, err := cmd.Output(); err != nil || strings.TrimSpace(string(out)) != "." {
		return s
	}
	s.Environ = append(slices.Clone(s.Environ), "GIT_DIR="+s.Dir)
	return s
}

// belowWorkTree reports whether a folder, or one above it, has a .git.
func belowWorkTree(dir string) bool {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		above := filepath.Dir(dir)
		if above == dir {
			return false
		}
		dir = above
	}
}
