// Package probe finds out what doctor judges.
package probe

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// witnessLimit bounds git's run: it is the time that a person waits for a
// server that does not answer.
const witnessLimit = 20 * time.Second

// lsRemote is git's question for a repository's HEAD.
type lsRemote struct {
	program string // a git's path
	dir     string
	environ []string // the person's
	// address is a URL, or a remote's name, by which settings of the remote
	// count too.
	address string
	limit   time.Duration
}

// run runs git with all that it starts, for as long as the limit, and reads
// its traces from a pipe: they hold the session token, so they are in no file.
func (l lsRemote) run(ctx context.Context) doctor.Witness {
	ctx, cancel := context.WithTimeout(ctx, l.limit)
	defer cancel()
	args := []string{"ls-remote", "--", l.address, "HEAD"}
	w := doctor.Witness{Command: gittrace.Redact("git ls-remote " + shell.Quote(l.address) + " HEAD")}
	cmd := exec.CommandContext(ctx, l.program, args...)
	cmd.Dir, cmd.Env = l.dir, witnessEnv(l.environ)
	var reader gittrace.Reader
	cmd.Stderr = &reader
	cmd.WaitDelay = time.Second // a program that left the group can hold the pipe open
	group := newGroup(cmd)
	defer group.close()
	cmd.Cancel = group.end
	if w.Err = cmd.Start(); w.Err != nil {
		return w
	}
	if w.Err = group.join(cmd.Process); w.Err != nil {
		_ = cmd.Cancel()
	}
	err := cmd.Wait()
	w.Trace = reader.Trace()
	w.TimedOut = errors.Is(ctx.Err(), context.DeadlineExceeded)
	w.Passed = err == nil && ctx.Err() == nil
	return w
}

// mute switches off every way in which git, this helper, ssh or Git Credential
// Manager ask a person.
var mute = []string{
	"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=never",
	"GCM_INTERACTIVE=never", "GIT_CREDENTIAL_MFA_PROMPT=none", "GIT_OPTIONAL_LOCKS=0",
}

// witnessEnv is the person's environment with traces for us, none for them, and
// no way to ask.
func witnessEnv(environ []string) []string {
	var kept []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		trace := strings.HasPrefix(name, "GIT_TRACE") || strings.HasPrefix(name, "GCM_TRACE") ||
			name == "GIT_CURL_VERBOSE" || name == "GIT_CREDENTIAL_MFA_TRACE"
		if !trace {
			kept = append(kept, pair)
		}
	}
	return append(append(kept, gittrace.Environment()...), mute...)
}
