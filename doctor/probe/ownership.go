package probe

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
)

// refusal is what git says of a repository that belongs to another user, and the
// command that it names (ensure_valid_ownership in setup.c); "" for none. Only
// git knows which it takes.
func (s System) refusal(ctx context.Context, git string) (message, remedy string) {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "rev-parse", "--git-dir")
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.Dir, append(gitconfig.Inert(s.Environ), gittrace.Environment()...), time.Second
	var reader gittrace.Reader
	cmd.Stderr = &reader
	gitexec.Hide(cmd)
	if cmd.Run() == nil {
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
