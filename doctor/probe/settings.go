package probe

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// git returns a git program that runs nothing that a repository brings.
func (s System) git(path string) gitconfig.Git {
	return gitconfig.Git{Program: path, Dir: s.Dir, Env: gitconfig.Inert(s.Environ)}
}

// file returns the file of a setting, or says that it is in none.
func file(e gitconfig.Entry) string {
	if e.Origin == gitconfig.CommandLine {
		return "the command line or the environment"
	}
	return e.Origin
}

// labelled returns a setting's name and place: "http.emptyAuth (~/.gitconfig:3)".
// key is its key in the spelling of git's manual.
func labelled(e gitconfig.Entry, key string) string {
	name := e.Name()
	return name[:len(name)-len(key)] + key + " (" + e.Place() + ")"
}

// RemoteHosts returns the CodeCommit hosts of the current repository's remotes.
func (s System) RemoteHosts(ctx context.Context) []string {
	gits := gitPrograms(runtime.GOOS, s.Getenv)
	if len(gits) == 0 {
		return nil
	}
	settings, _ := s.git(gits[0]).Entries(ctx)
	var hosts []string
	for _, r := range remotesOf(settings) {
		if host := r.Target().Host.Name; host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// remotesOf returns the remotes with the URLs that git uses, after
// url.BASE.insteadOf. origin comes first.
func remotesOf(settings []gitconfig.Entry) []doctor.Remote {
	var remotes []doctor.Remote
	for _, e := range settings {
		push := e.Key == "pushurl"
		if e.Section != "remote" || !e.Labelled || e.Value == "" || !push && e.Key != "url" {
			continue
		}
		r := rewrite(settings, doctor.Remote{Name: e.Label, URL: e.Value, Push: push})
		if !slices.Contains(remotes, r) {
			remotes = append(remotes, r)
		}
	}
	remotes = append(remotes, pushes(settings, remotes)...)
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

// pushes returns the remotes whose push URL differs by url.BASE.pushInsteadOf,
// which applies to remotes without a pushurl (git-config(1)).
func pushes(settings []gitconfig.Entry, remotes []doctor.Remote) []doctor.Remote {
	var all []doctor.Remote
	for _, e := range settings {
		explicit := slices.ContainsFunc(remotes, func(r doctor.Remote) bool { return r.Name == e.Label && r.Push })
		if e.Section != "remote" || e.Key != "url" || explicit {
			continue
		}
		if r, ok := pushRewrite(settings, doctor.Remote{Name: e.Label, URL: e.Value}); ok {
			all = append(all, r)
		}
	}
	return all
}

// rewrite applies url.BASE.insteadOf to a remote's URL.
func rewrite(settings []gitconfig.Entry, r doctor.Remote) doctor.Remote {
	url, by := gitconfig.Rewrite(settings, r.URL, false)
	if by != nil {
		r.URL, r.RewrittenAt, r.RewrittenBase, r.RewrittenBy = url, file(*by), by.Label, "insteadOf"
	}
	return r
}

// pushRewrite applies url.BASE.pushInsteadOf to a remote's URL. It is false if none
// applies.
func pushRewrite(settings []gitconfig.Entry, r doctor.Remote) (doctor.Remote, bool) {
	url, by := gitconfig.Rewrite(settings, r.URL, true)
	if by == nil || by.Key != "pushinsteadof" {
		return r, false
	}
	r.URL, r.Push, r.RewrittenAt, r.RewrittenBase, r.RewrittenBy = url, true, file(*by), by.Label, "pushInsteadOf"
	return r, true
}

// programs are keys of the section core whose values are programs that git runs.
var programs = []string{"askpass", "fsmonitor", "hookspath", "sshcommand", "editor", "pager", "gitproxy"}

// ownPrograms returns the settings by which the repository's own configuration
// makes git run programs, without their values.
func ownPrograms(settings []gitconfig.Entry) []string {
	var found []string
	for _, e := range settings {
		alias := e.Section == "alias" && strings.HasPrefix(e.Value, "!")
		harmless := e.Key == "fsmonitor" && gitconfig.IsBoolean(e.Value)
		if e.Own() && (alias || e.Section == "core" && slices.Contains(programs, e.Key) && !harmless) {
			found = append(found, e.Name()+" ("+e.Place()+")")
		}
	}
	return found
}

// readHTTP notes the http settings that keep git from asking a helper, or from
// checking certificates.
func (p *Probe) readHTTP() {
	e := p.evidence
	http := gitconfig.ForURL(p.settings, "http", e.Target.URL)
	if header, ok := http.Authorization(); ok { // whose value is a secret
		e.Git.Header = header.Place()
	}
	if s, ok := http.True("emptyauth"); ok {
		e.Git.EmptyAuth = labelled(s, "emptyAuth")
	}
	_, e.Git.Proactive = http.Get("proactiveauth")
	if s, ok := http.False("sslverify"); ok {
		e.Git.Unverified = labelled(s, "sslVerify")
	}
	if _, set := p.lookupEnv("GIT_SSL_NO_VERIFY"); set { // git ignores its value (http.c)
		e.Git.Unverified = "GIT_SSL_NO_VERIFY (the environment)"
	}
}
