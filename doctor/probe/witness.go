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

// witnessLimit bounds git's run: it is the time that a person waits for a
// server that does not answer.
const witnessLimit = 20 * time.Second

// Fetch is whether git itself is asked for the repository.
type Fetch int

const (
	// FetchIfSafe has git asked where that changes nothing, and runs nothing of
	// the repository's.
	FetchIfSafe Fetch = iota
	// FetchAlways and FetchNever are for a person who said so.
	FetchAlways
	FetchNever
)

// askGit has git itself ask for the repository.
func (p *Probe) askGit(ctx context.Context) doctor.Witness {
	target := p.evidence.Target
	fetch := "git-credential-mfa doctor --fetch"
	if p.URL != "" {
		fetch += " " + shell.Quote(target.URL)
	}
	switch {
	case p.Offline:
		return doctor.Witness{Reason: "for --offline", Mend: "git-credential-mfa doctor"}
	case p.Fetch == FetchNever:
		return doctor.Witness{Reason: "for --fetch=false", Mend: fetch}
	case len(p.evidence.Git.Gits) == 0:
		return doctor.Witness{Reason: "as there is none on PATH"}
	case !target.Known:
		return doctor.Witness{Reason: "as no repository is known", Mend: "git-credential-mfa doctor URL"}
	}
	ask := lsRemote{program: p.evidence.Git.Gits[0].Path, dir: p.Dir, environ: append(p.Environ[:len(p.Environ):len(p.Environ)], p.GitEnviron...),
		address: cmp.Or(target.Remote, p.URL, target.URL), limit: witnessLimit}
	if p.Fetch == FetchAlways {
		return ask.run(ctx)
	}
	if reason := p.unsafe(); reason != "" { // mutation: the witness runs nothing of a repository
		return doctor.Witness{Reason: "as " + reason, Mend: fetch}
	}
	if mode := p.HelperOptions()["prompt"]; mode != "" && mode != "none" && !p.evidence.Session.Usable() && !p.evidence.Session.Temporary {
		return doctor.Witness{Reason: "as its line of this helper has --prompt " + mode + ", by which it would ask for the code", Mend: "git-credential-mfa login"}
	}
	ask.environ = guarded(ask.environ)
	return ask.run(ctx)
}

// unsafe says why asking git could change something, or run something of a
// repository's that is its sender's; "" if it could not.
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

// guarded is an environment in which git runs no hook and reads no repository
// that lies in a folder of another, and finds no program in the current folder.
func guarded(environ []string) []string {
	environ = gitconfig.WithSettings(environ, [][2]string{{"core.hooksPath", os.DevNull}, {"core.fsmonitor", "false"}, {"safe.bareRepository", "explicit"}})
	for i, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.EqualFold(name, "PATH") {
			environ[i] = name + "=" + strings.Join(pathFolders(value), string(filepath.ListSeparator))
		}
	}
	return environ
}

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
	cmd.Stderr = &reader        // mutation: git's traces stay in a pipe
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
