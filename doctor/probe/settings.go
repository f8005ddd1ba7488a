package probe

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
)

// setting is one setting of git's, where it stands.
type setting struct{ scope, origin, key, value string }

// own reports whether it stands in the repository's own configuration, which
// may be somebody else's.
func (s setting) own() bool { return s.scope == "local" || s.scope == "worktree" }

// name is the setting's, in the spelling of git's manual where it is known.
func (s setting) name() string {
	for _, known := range []string{"http.emptyAuth", "http.sslVerify"} {
		section, key, _ := strings.Cut(known, ".")
		if strings.HasPrefix(s.key, section+".") && strings.HasSuffix(s.key, "."+strings.ToLower(key)) {
			return s.key[:len(s.key)-len(key)] + key
		}
	}
	return s.key
}

func (s setting) place() string {
	if s.origin == "command line:" {
		return "the command line or the environment"
	}
	return strings.TrimPrefix(s.origin, "file:")
}

// settings lists all of git's settings in the order in which it reads them.
func (s System) settings(ctx context.Context, git string) ([]setting, error) {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "config", "--null", "--show-scope", "--show-origin", "--list")
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.Dir, gitconfig.Inert(s.Environ), time.Second
	gitexec.Hide(cmd)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("reading git's settings: %w", err)
	}
	fields := bytes.Split(out, []byte{0})
	var all []setting
	for i := 0; i+2 < len(fields); i += 3 {
		key, value, _ := strings.Cut(string(fields[i+2]), "\n")
		all = append(all, setting{string(fields[i]), string(fields[i+1]), key, value})
	}
	return all, nil
}

// RemoteHosts are the hosts of CodeCommit's that remotes of the current repository
// lead to.
func (s System) RemoteHosts(ctx context.Context) []string {
	gits := gitPrograms(runtime.GOOS, s.Getenv)
	if len(gits) == 0 {
		return nil
	}
	settings, _ := s.settings(ctx, gits[0])
	var hosts []string
	for _, r := range remotesOf(settings) {
		if host := r.Target().Host.Name; host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// remotesOf takes the remotes out of the settings, as git uses them: after
// url.BASE.insteadOf, of which the longest that fits counts (git-config(1)).
func remotesOf(settings []setting) []doctor.Remote {
	var remotes []doctor.Remote
	for _, s := range settings {
		rest, ok := strings.CutPrefix(s.key, "remote.")
		dot := strings.LastIndexByte(rest, '.')
		if !ok || dot < 0 || s.value == "" {
			continue
		}
		push := rest[dot+1:] == "pushurl"
		if !push && rest[dot+1:] != "url" {
			continue
		}
		r := rewrite(settings, doctor.Remote{Name: rest[:dot], URL: s.value, Push: push})
		if !slices.Contains(remotes, r) {
			remotes = append(remotes, r)
		}
	}
	remotes = append(remotes, pushes(settings, remotes)...)
	// git clone calls it origin, and people mean that one.
	slices.SortStableFunc(remotes, func(a, b doctor.Remote) int {
		switch {
		case a.Name == b.Name || a.Name != "origin" && b.Name != "origin":
			return 0
		case a.Name == "origin":
			return -1
		}
		return 1
	})
	return remotes
}

// pushes are the remotes to which url.BASE.pushInsteadOf has git push another way
// than it fetches. It counts for those without a pushurl (git-config(1)).
func pushes(settings []setting, remotes []doctor.Remote) []doctor.Remote {
	var all []doctor.Remote
	for _, s := range settings {
		rest, ok := strings.CutPrefix(s.key, "remote.")
		name, is := strings.CutSuffix(rest, ".url")
		explicit := slices.ContainsFunc(remotes, func(r doctor.Remote) bool { return r.Name == name && r.Push })
		if !ok || !is || explicit {
			continue
		}
		if r := rewriteBy("pushInsteadOf", settings, doctor.Remote{Name: name, URL: s.value, Push: true}); r.RewrittenAt != "" {
			all = append(all, r)
		}
	}
	return all
}

// rewrite applies url.BASE.insteadOf to a remote's URL.
func rewrite(settings []setting, r doctor.Remote) doctor.Remote {
	return rewriteBy("insteadOf", settings, r)
}

// rewriteBy applies url.BASE.KEY, of which the longest that fits counts.
func rewriteBy(key string, settings []setting, r doctor.Remote) doctor.Remote {
	longest, address := "", r.URL
	for _, s := range settings {
		base, ok := strings.CutPrefix(s.key, "url.")
		base, instead := strings.CutSuffix(base, "."+strings.ToLower(key))
		if ok && instead && len(s.value) > len(longest) && strings.HasPrefix(address, s.value) {
			longest = s.value
			r.URL = base + strings.TrimPrefix(address, s.value)
			r.RewrittenAt, r.RewrittenBase, r.RewrittenBy = s.place(), base, key
		}
	}
	return r
}

// programs are keys whose value git, or doctor if it were careless, runs.
var programs = []string{"core.askpass", "core.fsmonitor", "core.hookspath", "core.sshcommand", "core.editor", "core.pager", "core.gitproxy"}

// ownPrograms names the programs that the repository's own configuration has
// git run, without their text.
func ownPrograms(settings []setting) []string {
	var found []string
	for _, s := range settings {
		alias := strings.HasPrefix(s.key, "alias.") && strings.HasPrefix(s.value, "!")
		harmless := s.key == "core.fsmonitor" && (s.value == "true" || s.value == "false")
		if s.own() && (alias || slices.Contains(programs, s.key) && !harmless) {
			found = append(found, s.key+" ("+s.place()+")")
		}
	}
	return found
}

// header finds an http.extraHeader that authorizes: git sends it, and then
// CodeCommit asks for no password. Its value is a secret.
func header(settings []setting, address string) string {
	found := ""
	for _, s := range settings {
		label, ok := strings.CutSuffix(s.key, "extraheader")
		label = strings.TrimSuffix(strings.TrimPrefix(label, "http."), ".")
		if !ok || !strings.HasPrefix(s.key, "http.") || label != "" && !fits(label, address) {
			continue
		}
		switch {
		case s.value == "": // empties the list (git-config(1))
			found = ""
		case strings.HasPrefix(strings.ToLower(s.value), "authorization:"):
			found = s.place()
		}
	}
	return found
}

// fits reports whether a section's label, as in [http "LABEL"], means a URL.
// git has one rule for all sections (urlmatch.c), and gitconfig knows it for
// credential's.
func fits(label, address string) bool {
	chain, err := gitconfig.Effective([]gitconfig.Entry{{Section: "credential", Label: label, Labelled: true, Key: "helper", Value: "x", Set: true}}, address)
	return err == nil && len(chain.Helpers) > 0
}
