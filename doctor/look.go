package doctor

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// Live is what a live run may use of the system.
type Live struct {
	// Offline leaves the network alone.
	Offline bool
	// Dir is the folder that git is asked in, Home the person's.
	Dir, Home string
	Environ   []string
	Getenv    func(string) string
	// URL is what the person gave, or "". Wanted is what they said by options.
	URL    string
	Wanted policies.Repository
}

// GitEvidence is what is known of git.
type GitEvidence struct {
	// Gits begins with the one that PATH names.
	Gits     []Git
	Remotes  []Remote
	Held     []Held
	Programs []string // that the repository's own configuration runs
	Header   string   // where an http.extraHeader authorizes
	Netrc    string   // the file that names the host
	Proxy    string   // http.proxy for the target
	CAInfo   string   // http.sslCAInfo, or GIT_SSL_CAINFO
	// OwnCAInfo is http.sslCAInfo of the repository's own configuration, which
	// is not trusted here.
	OwnCAInfo string
	Err       error // of reading git's settings

	execPath, path string
}

// main is the git that people run.
func (g GitEvidence) main() Git {
	if len(g.Gits) == 0 {
		return Git{}
	}
	return g.Gits[0]
}

// Look reads git's configuration, and asks other helpers what they hold. It
// runs nothing that a repository brings along, and needs no network.
func (l Live) Look(ctx context.Context) *Evidence {
	e := &Evidence{Offline: l.Offline, Now: time.Now()}
	e.Git.path = l.Getenv("PATH")
	gits := gitPrograms(runtime.GOOS, l.Getenv)
	var settings []setting
	if len(gits) > 0 {
		settings, e.Git.Err = l.settings(ctx, gits[0])
	}
	e.Git.Remotes = remotesOf(settings)
	if l.URL != "" {
		rewritten, by := rewrite(settings, l.URL)
		e.Git.Remotes = []Remote{{URL: rewritten, Rewritten: by}}
	}
	e.Target = l.target(e.Git.Remotes)
	for _, path := range gits {
		e.Git.Gits = append(e.Git.Gits, l.examineGit(ctx, path, e.Target.URL))
	}
	e.Git.Programs = ownPrograms(settings)
	e.Git.Header = header(settings, e.Target.URL)
	e.Git.Netrc = l.netrc(e.Target.Host.Name)
	e.Git.Proxy = forURL(settings, "proxy", e.Target.URL)
	if e.Git.CAInfo = l.Getenv("GIT_SSL_CAINFO"); e.Git.CAInfo == "" {
		// Whoever sent the repository could read along with a CA of their own.
		theirs := slices.DeleteFunc(slices.Clone(settings), func(s setting) bool { return !s.own() })
		e.Git.OwnCAInfo = forURL(theirs, "sslcainfo", e.Target.URL)
		trusted := slices.DeleteFunc(slices.Clone(settings), setting.own) // mutation: doctor trusts no certificates that a repository brings
		e.Git.CAInfo = forURL(trusted, "sslcainfo", e.Target.URL)
	}
	if len(gits) > 0 {
		e.Git.execPath = l.execPath(ctx, gits[0])
		e.Git.Held = l.held(ctx, e)
	}
	return e
}

// target is the repository that the first remote of CodeCommit's means, or
// that the options name, or none: then one of a region, to look settings up.
func (l Live) target(remotes []Remote) Target {
	region, name := l.Wanted.Region, l.Wanted.Name
	for _, r := range remotes {
		found := r.read()
		if found.target.Host.Name == "" {
			continue
		}
		t := found.target
		t.Remote = r.Name
		if region == "" && (name == "" || name == t.Name) || region == t.Host.Region {
			if name == "" || name == t.Name {
				return t
			}
		}
		if region == "" {
			region = t.Host.Region
		}
	}
	if region == "" {
		region = cmp.Or(l.Getenv("AWS_REGION"), cmp.Or(l.Getenv("AWS_DEFAULT_REGION"), policies.PlaceholderRegion))
	}
	host, err := codecommit.ParseHost(codecommit.HostName(region))
	if err != nil {
		host, _ = codecommit.ParseHost(codecommit.HostName(policies.PlaceholderRegion))
	}
	return newTarget(host, name)
}

// forURL returns a setting of the section http for a URL: the one whose label
// says most counts, and of these the last (git-config(1), http.<url>.*).
func forURL(settings []setting, key, address string) string {
	value, best := "", -1
	for _, s := range settings {
		rest, ok := strings.CutPrefix(s.key, "http.")
		label, is := strings.CutSuffix(rest, key)
		if !ok || !is || label != "" && !strings.HasSuffix(label, ".") {
			continue
		}
		label = strings.TrimSuffix(label, ".")
		if (label == "" || fits(label, address)) && len(label) >= best {
			value, best = s.value, len(label)
		}
	}
	return value
}

// Options returns what the line of this helper in git's configuration says:
// git runs it with those, so doctor looks at the same profile and keyring.
func (e *Evidence) Options() map[string]string {
	options := map[string]string{}
	for _, h := range e.Git.main().Chain.Helpers {
		if !h.Ours {
			continue
		}
		for name, value := range gitconfig.Options(h.Value) {
			if name == "mfa-process" && (Held{Helper: h}).own() { // mutation: doctor runs no mfa-process of a repository
				continue // the sender's of the repository: it would be run
			}
			options[name] = value
		}
	}
	return options
}

// before returns the helpers that git asks before this one: all of them if it
// is not asked at all.
func before(c gitconfig.Chain) []gitconfig.Helper {
	for i, h := range c.Helpers {
		if h.Ours {
			return c.Helpers[:i]
		}
	}
	return c.Helpers
}
