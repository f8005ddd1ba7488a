package probe

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
)

// named returns the system with the folder as GIT_DIR, if it is a bare repository
// in which the user's git works. Otherwise git would ignore it: gitconfig.Inert
// forbids bare repositories that git only finds, since one in a folder of a work
// tree may have come with that (git-config(1), safe.bareRepository).
func (s System) named(ctx context.Context, git string) System {
	if filepath.Base(s.Dir) == ".git" { // of a work tree
		s.Dir = filepath.Dir(s.Dir)
	}
	if _, given := s.lookupEnv("GIT_DIR"); given || belowWorkTree(s.Dir) {
		return s
	}
	environ := gitconfig.WithSettings(gitconfig.Inert(s.Environ), [][2]string{{"safe.bareRepository", "all"}})
	if dir, err := s.gitDir(ctx, git, environ, nil); err == nil && dir == "." {
		s.Environ = append(slices.Clone(s.Environ), "GIT_DIR="+s.Dir)
	}
	return s
}

// gitDir asks git for the repository's folder.
func (s System) gitDir(ctx context.Context, git string, environ []string, stderr io.Writer) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "rev-parse", "--git-dir")
	cmd.Dir, cmd.Env, cmd.Stderr, cmd.WaitDelay = s.Dir, environ, stderr, time.Second
	gitexec.Hide(cmd)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
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

// refusal returns git's message about a repository that belongs to another user,
// and the command that the message names (ensure_valid_ownership in setup.c); ""
// if git accepts the repository.
func (s System) refusal(ctx context.Context, git string) (message, remedy string) {
	var reader gittrace.Reader
	if _, err := s.gitDir(ctx, git, append(gitconfig.Inert(s.Environ), gittrace.Environment()...), &reader); err == nil {
		return "", ""
	}
	for _, text := range reader.Trace().Messages {
		first, rest, _ := strings.Cut(text, "\n")
		for line := range strings.Lines(rest) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "git config --global --add safe.directory ") {
				return first, line
			}
		}
	}
	return "", ""
}
