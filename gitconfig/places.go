package gitconfig

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Scope is one of git's configuration files.
type Scope string

// The user's, the machine's and the repository's file, by the names of git's
// own options.
const (
	Global Scope = "global"
	System Scope = "system"
	Local  Scope = "local"
)

var (
	// ErrNoFile means that git has no file for a scope here.
	ErrNoFile = errors.New("git has no such file here")
	// ErrNoRepository means that there is no local file outside of a repository.
	ErrNoRepository = errors.New("not in a git repository")
)

// File returns the file that git writes for a scope. It need not exist.
func (g Git) File(ctx context.Context, scope Scope) (string, error) {
	switch scope {
	case System:
		return g.systemFile(ctx)
	case Local:
		return g.localFile(ctx)
	}
	return g.globalFile()
}

// getenv returns a variable of git's environment, or "".
func (g Git) getenv(name string) string {
	value, _ := g.lookupEnv(name)
	return value
}

func (g Git) lookupEnv(name string) (value string, set bool) {
	return gitexec.Lookup(g.environment(), name)
}

// systemFile asks git for its system configuration, whose path is compiled in.
// Before git 2.42 (git var) no command prints it, so an editor that prints its
// argument is used.
func (g Git) systemFile(ctx context.Context) (string, error) {
	if file := g.getenv("GIT_CONFIG_SYSTEM"); file != "" {
		return file, nil
	}
	g.Env = append(g.environment(), `GIT_EDITOR=printf '%s\n'`)
	out, err := g.run(ctx, "config", "--system", "--edit")
	if err != nil {
		return "", fmt.Errorf("looking for git's system configuration: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	file := filepath.FromSlash(strings.TrimSpace(lines[len(lines)-1]))
	if !filepath.IsAbs(file) {
		return "", fmt.Errorf("looking for git's system configuration: %w", ErrNoFile)
	}
	return file, nil
}

// localFile returns the repository's file, also in a worktree.
func (g Git) localFile(ctx context.Context) (string, error) {
	out, err := g.run(ctx, "rev-parse", "--git-path", "config")
	if err != nil {
		return "", fmt.Errorf("looking for the repository's configuration: %w (%w)", ErrNoRepository, err)
	}
	file := strings.TrimSuffix(strings.TrimSuffix(string(out), "\n"), "\r")
	if !filepath.IsAbs(file) {
		file = filepath.Join(g.Dir, file)
	}
	return file, nil
}

// globalFile returns the user's file by git's rule (git-config(1), FILES): what
// GIT_CONFIG_GLOBAL names, else ~/.gitconfig, or XDG's file if only that exists.
func (g Git) globalFile() (string, error) {
	if file, set := g.lookupEnv("GIT_CONFIG_GLOBAL"); set {
		if file == "" { // then git reads no global file
			return "", fmt.Errorf("looking for git's global configuration: GIT_CONFIG_GLOBAL is empty: %w", ErrNoFile)
		}
		return file, nil
	}
	home := gitexec.Home(g.environment())
	if home == "" {
		return "", fmt.Errorf("looking for git's global configuration: HOME is not set: %w", ErrNoFile)
	}
	own := filepath.Join(home, ".gitconfig")
	folder := g.getenv("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(home, ".config")
	}
	if xdg := filepath.Join(folder, "git", "config"); !readable(own) && readable(xdg) {
		return xdg, nil
	}
	return own, nil
}

// readable reports whether git can read a file, as access(R_OK) does.
func readable(file string) bool {
	_, err := regularfile.Read(context.Background(), file)
	return err == nil || errors.Is(err, regularfile.ErrNotRegular) // git would read it
}
