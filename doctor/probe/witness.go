package probe

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gittrace"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// witnessLimit bounds git's run, in which a server may not answer.
const witnessLimit = 20 * time.Second

// Fetch says whether git is run to fetch the repository's HEAD.
type Fetch int

const (
	// FetchIfSafe runs git if that changes nothing, and runs no program that the
	// repository brings.
	FetchIfSafe Fetch = iota
	// FetchAlways and FetchNever are the user's choice.
	FetchAlways
	FetchNever
)

// askGit runs git for the repository's HEAD, if it may.
func (p *Probe) askGit(ctx context.Context) doctor.Witness {
	target := p.evidence.Target
	fetch := "git-credential-mfa doctor --fetch"
	if p.URL != "" {
		fetch += " " + shell.Quote(target.URL)
	}
	switch {
	case p.Offline:
		return doctor.Witness{Reason: "because of --offline", Fix: "git-credential-mfa doctor"}
	case p.Fetch == FetchNever:
		return doctor.Witness{Reason: "because of --fetch=false", Fix: fetch}
	case len(p.evidence.Git.Gits) == 0:
		return doctor.Witness{Reason: "because there is none on PATH"}
	case !target.Known:
		return doctor.Witness{Reason: "because no repository is known", Fix: "git-credential-mfa doctor URL"}
	}
	ask := lsRemote{program: p.evidence.Git.Gits[0].Path, dir: p.Dir, environ: append(p.Environ[:len(p.Environ):len(p.Environ)], p.GitEnviron...),
		address: cmp.Or(target.Remote, p.URL, target.URL), limit: witnessLimit}
	if p.Fetch == FetchAlways {
		return ask.run(ctx)
	}
	if reason := p.unsafe(); reason != "" { // mutation: the witness runs nothing of a repository
		return doctor.Witness{Reason: "because " + reason, Fix: fetch}
	}
	if mode := p.HelperOptions()["prompt"]; mode != "" && mode != "none" && !p.evidence.Session.Usable() && !p.evidence.Session.Temporary {
		return doctor.Witness{Reason: "because this helper's line has --prompt " + mode + ", so it would ask for the code", Fix: "git-credential-mfa login"}
	}
	ask.environ = guarded(ask.environ)
	return ask.run(ctx)
}

// unsafe says why running git could change something, or run a program that the
// repository brings; "" if it could not.
func (p *Probe) unsafe() string {
	target := p.evidence.Target
	address := cmp.Or(p.URL, target.URL)
	for _, r := range p.evidence.Git.Remotes {
		if r.Name == target.Remote && !r.Push {
			address = r.URL
			break
		}
	}
	if reason := untrusted(p.settings, target.Remote, address); reason != "" {
		return reason
	}
	for _, h := range p.evidence.Git.Gits[0].Chain.Helpers {
		if !h.Ours {
			return "another helper would be told to store: " + h.Label
		}
	}
	return ""
}

// guarded returns an environment in which git runs no hook, ignores a bare
// repository inside another one, and finds no program in the current folder.
func guarded(environ []string) []string {
	environ = gitconfig.WithSettings(environ, [][2]string{{"core.hooksPath", os.DevNull}, {"core.fsmonitor", "false"}, {"safe.bareRepository", "explicit"}})
	for i, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.EqualFold(name, "PATH") {
			environ[i] = name + "=" + strings.Join(pathFolders(value), string(filepath.ListSeparator))
		}
	}
	return environ
}

// lsRemote runs "git ls-remote" for a repository's HEAD.
type lsRemote struct {
	program string // a git's path
	dir     string
	environ []string // the user's
	// address is a URL, or a remote's name, so that settings of the remote count.
	address string
	limit   time.Duration
}

// run runs git until the limit, then kills it with everything that it started. It
// reads git's traces from a pipe, and writes no file: they contain the session
// token.
func (l lsRemote) run(ctx context.Context) doctor.Witness {
	ctx, cancel := context.WithTimeout(ctx, l.limit)
	defer cancel()
	args := []string{"ls-remote", "--", l.address, "HEAD"}
	w := doctor.Witness{Command: gittrace.Redact("git ls-remote " + shell.Quote(l.address) + " HEAD")}
	cmd := exec.CommandContext(ctx, l.program, args...)
	cmd.Dir, cmd.Env = l.dir, witnessEnv(l.environ)
	var reader gittrace.Reader
	cmd.Stderr = &reader        // mutation: git's traces stay in a pipe
	cmd.WaitDelay = time.Second // a program that left the group may keep the pipe open
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

// mute turns off every way in which git, this helper, ssh and Git Credential
// Manager ask the user.
var mute = []string{
	"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=never",
	"GCM_INTERACTIVE=never", "GIT_CREDENTIAL_MFA_PROMPT=none", "GIT_OPTIONAL_LOCKS=0",
}

// witnessEnv returns the user's environment with our traces in place of the user's,
// and no way to ask.
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
