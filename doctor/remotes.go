package doctor

import (
	"cmp"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Remote is a remote of the current repository, or a URL that a person gave.
type Remote struct {
	Name string // "" for a URL that was given
	URL  string // as git uses it, after url.*.insteadOf
	// RewrittenAt is the file of the setting that rewrote the URL, "" for none;
	// RewrittenBase is what the setting put at the beginning, and RewrittenBy its
	// key, insteadOf or pushInsteadOf.
	RewrittenAt, RewrittenBase, RewrittenBy string
	Push                                    bool // it is the push URL, which differs
}

// remoteKind is how a remote's URL leads to CodeCommit.
type remoteKind int

const (
	foreign   remoteKind = iota // not CodeCommit's
	asItIs                      // as it should be
	overSSH                     // ssh://
	overGRC                     // codecommit::, of git-remote-codecommit
	embedded                    // with a username, or a password too
	plainHTTP                   // http://
	badPath                     // .git, or not /v1/repos/NAME
	slash                       // a slash at the end
	badHost                     // almost CodeCommit's
)

// remoteURL is the kind of a remote's URL, and the repository that is meant.
type remoteURL struct {
	kind   remoteKind
	target Target
}

// parse reads a remote's URL, and returns the first of its problems as the kind.
func (r Remote) parse() remoteURL {
	if found, ok := r.otherScheme(); ok {
		return found
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return remoteURL{}
	}
	host, err := codecommit.ParseHost(u.Host)
	if err != nil {
		return nearMiss(u)
	}
	name, err := codecommit.ParsePath(strings.Trim(u.Path, "/"))
	if err != nil {
		name = guessName(u.Path)
	}
	target := NewTarget(host, name)
	switch {
	case u.User != nil:
		return remoteURL{embedded, target}
	case u.Scheme == "http":
		return remoteURL{plainHTTP, target}
	case u.Scheme != "https":
		return remoteURL{}
	case err != nil:
		return remoteURL{badPath, target}
	case strings.HasSuffix(u.Path, "/"):
		return remoteURL{slash, target}
	}
	return remoteURL{asItIs, target}
}

// Target returns the CodeCommit repository of the remote, or a zero Target.
func (r Remote) Target() Target { return r.parse().target }

// isOwnName reports whether this helper answers for a username: an access key id.
func isOwnName(username string) bool {
	_, ok := codecommit.AccessKeyID(username)
	return ok
}

// ChooseTarget returns the repository of the first remote that leads to CodeCommit
// and fits the options, or else the one that the options name. If no repository is
// known, the target is a placeholder in a region; fallback is the region to take
// if nothing names one, and may be "".
func ChooseTarget(remotes []Remote, wanted policies.Repository, fallback string) Target {
	region, name := wanted.Region, wanted.Name
	for _, r := range remotes {
		t := r.Target()
		if t.Host.Name == "" {
			continue
		}
		t.Remote = r.Name
		if (region == "" || region == t.Host.Region) && (name == "" || name == t.Name) {
			return t
		}
		if region == "" {
			region = t.Host.Region
		}
	}
	for _, region := range []string{cmp.Or(region, fallback), policies.PlaceholderRegion} {
		if host, err := codecommit.ParseHost(codecommit.HostName(region)); err == nil {
			return NewTarget(host, name)
		}
	}
	return Target{}
}

// guessName returns the repository's name in a path that is almost right, or "".
func guessName(path string) string {
	path = strings.TrimSuffix(strings.TrimSpace(strings.Trim(path, "/ ")), ".git")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if _, err := codecommit.ParsePath("v1/repos/" + name); err != nil {
		return ""
	}
	return name
}

// nearMiss recognises a host that is almost CodeCommit's: one with a misspelt
// region, or the host of the API.
func nearMiss(u *url.URL) remoteURL {
	host := strings.ToLower(u.Hostname())
	if !strings.Contains(host, "codecommit") || !strings.Contains(host, "amazonaws") {
		return remoteURL{}
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		region := spelled(label)
		if region == "" {
			continue
		}
		endpoint := "git-codecommit"
		if strings.Contains(labels[0], "fips") {
			endpoint += "-fips"
		}
		fixed, err := codecommit.ParseHost(endpoint + "." + region + "." + codecommit.DNSSuffix(region))
		if err == nil {
			return remoteURL{badHost, NewTarget(fixed, guessName(u.Path))}
		}
	}
	return remoteURL{badHost, Target{}}
}

// otherScheme reads the addresses of ssh and of git-remote-codecommit. ok is
// false for others.
func (r Remote) otherScheme() (found remoteURL, ok bool) {
	address := LongForm(r.URL)
	a, _ := codecommit.ParseAddress(address, "")
	kind, ok := map[string]remoteKind{"ssh": overSSH, "codecommit": overGRC}[a.Scheme]
	if a.Scheme == "ssh" && a.Host.Name == "" {
		host, path, _ := strings.Cut(strings.TrimPrefix(address, "ssh://"), "/")
		name, err := codecommit.ParsePath(strings.Trim(path, "/"))
		return remoteURL{overSSH, Target{Name: name}}, err == nil && !strings.Contains(host, ".") // a Host of ~/.ssh/config
	}
	if !ok || a.Host.Name == "" {
		return remoteURL{kind: kind}, a.Scheme == "codecommit"
	}
	name := cmp.Or(a.Name, guessName(r.URL[strings.LastIndexByte(r.URL, '@')+1:]))
	return remoteURL{kind, NewTarget(a.Host, name)}, true
}

// LongForm returns an address in ssh's short form, [USER@]HOST:PATH, as a URL,
// and any other address unchanged (git-clone(1), "GIT URLS").
func LongForm(address string) string {
	host, path, ok := strings.Cut(address, ":")
	if !ok || strings.Contains(host, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, ":") {
		return address
	}
	return "ssh://" + host + "/" + strings.TrimPrefix(path, "/")
}

// shown returns the URL without its userinfo, which may be a secret.
func (r Remote) shown() string { return withoutUser(r.URL) }

// plainUser is a URL with a username that can't be a secret.
var plainUser = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]+://[A-Za-z0-9._-]{1,40}@`) })

// withoutUser hides the userinfo of a URL: a password, or a username that is a
// session token.
func withoutUser(address string) string {
	if program, _, ok := strings.Cut(address, "::"); ok && program != "codecommit" {
		return program + "::…" // arguments of a program (gitremote-helpers(7))
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
		rest = "…@" + rest[at+1:]
	}
	return scheme + "://" + rest
}

// label returns the remote's name and URL for a text.
func (r Remote) label() string {
	if r.Name == "" {
		return r.shown()
	}
	what := "remote " + r.Name
	if r.Push {
		what += " (push)"
	}
	return what + ": " + r.shown()
}

// rewriting names the setting that rewrote the URL, or returns "".
func (r Remote) rewriting() string {
	if r.RewrittenAt == "" {
		return ""
	}
	return ", by " + r.RewrittenAt + ": url." + withoutUser(r.RewrittenBase) + "." + r.RewrittenBy
}

// unset returns the command that removes the setting which rewrote the URL. If a
// part of the setting may be a secret, the command does not repeat it.
func (r Remote) unset(system shell.System) string {
	key := system.Quote("url." + r.RewrittenBase + "." + r.RewrittenBy)
	switch {
	case withoutUser(r.RewrittenBase) != r.RewrittenBase && !plainUser().MatchString(r.RewrittenBase): // a part may be a secret
	case filepath.IsAbs(r.RewrittenAt):
		return "git config --file " + system.Quote(r.RewrittenAt) + " --unset-all " + key
	case r.RewrittenAt == ".git/config":
		return "git config --local --unset-all " + key
	}
	return "find it and remove it: git config --show-origin --get-regexp " + system.Quote(`^url\.`)
}

// setURL returns the command that gives the remote a URL.
func (r Remote) setURL(system shell.System, address string) string {
	if r.Name == "" {
		return address
	}
	words := []string{"git remote set-url"}
	if r.Push {
		words = append(words, "--push")
	}
	return strings.Join(append(words, system.Quote(r.Name), address), " ")
}

// checkRemotes reports the remotes of one kind, each with the command that
// fixes it.
func (e *Evidence) checkRemotes(kind remoteKind, why string) Finding {
	var lines, fixes []string
	for _, r := range e.Git.Remotes {
		seen := r.parse()
		if seen.kind != kind {
			continue
		}
		lines = append(lines, r.label()+r.rewriting())
		if t := seen.target; r.RewrittenAt != "" {
			fixes = append(fixes, r.unset(e.System))
		} else if t.Known {
			fixes = append(fixes, r.setURL(e.System, t.URL))
		} else {
			host := cmp.Or(t.Host.Name, "git-codecommit.REGION.amazonaws.com")
			fixes = append(fixes, r.setURL(e.System, address(host, cmp.Or(t.Name, "NAME"))))
		}
	}
	if len(lines) == 0 {
		return fine()
	}
	return found(strings.Join(fixes, "\n"), append(lines, why)...)
}

// checkSSH looks for remotes that use SSH. They work if no policy requires MFA, so
// they are errors only if git failed.
func checkSSH(e *Evidence) Finding {
	f := e.checkRemotes(overSSH, "an SSH key carries no MFA, so a policy that asks for MFA denies it")
	for _, r := range e.Git.Remotes {
		if e.Witness.Failed() && r.Name == e.Target.Remote && !r.Push && r.parse().kind == overSSH {
			f.Level = Error
		}
	}
	return f
}

func checkGRC(e *Evidence) Finding {
	f := e.checkRemotes(overGRC, "it signs with the profile's own keys, which carry no MFA unless they are a session's")
	if f.Level == "" && e.Git.NoRemoteCodeCommit {
		f.Level, f.Title = Error, language.Text{English: "a remote uses git-remote-codecommit, which is not installed", Japanese: "リモートが git-remote-codecommit を使うが、インストールされていない"}
	}
	return f
}

func checkEmbedded(e *Evidence) Finding {
	return e.checkRemotes(embedded, "git sends that username, and asks no helper for another; a password in a URL is in .git/config and in logs")
}

func checkPlainHTTP(e *Evidence) Finding {
	return e.checkRemotes(plainHTTP, "this helper answers only over https, because http would send the password in the clear")
}

func checkRemotePath(e *Evidence) Finding {
	return e.checkRemotes(badPath, "the signature covers the path, which must be /v1/repos/NAME, without .git")
}

// checkSlash looks for a slash at the end. It does no harm to this helper, because
// git trims it; the AWS CLI's helper signs it (CodeCommit user guide,
// troubleshooting-gc).
func checkSlash(e *Evidence) Finding {
	return e.checkRemotes(slash, "git removes the slash before it asks this helper; old versions of git and other helpers do not")
}

func checkRemoteHost(e *Evidence) Finding {
	return e.checkRemotes(badHost, "CodeCommit's hosts are git-codecommit.REGION.amazonaws.com, with a region such as us-east-1")
}

// checkRewritten looks for URLs that git rewrites. If the new one is not
// CodeCommit's, git never gets there.
func checkRewritten(e *Evidence) Finding {
	var lines []string
	for _, r := range e.Git.Remotes {
		seen := r.parse()
		switch {
		case r.RewrittenAt == "":
		case seen.kind == foreign && !r.Push && r.Name == e.Target.Remote && e.Target.Known:
			f := found(r.unset(e.System), r.label()+r.rewriting(), "git connects to that address, not to CodeCommit")
			f.Level = Error
			return f
		case seen.kind != foreign:
			lines = append(lines, r.label()+r.rewriting())
		}
	}
	if len(lines) == 0 {
		return fine()
	}
	return found("", lines...)
}

// Regions are the regions with CodeCommit in all partitions (botocore,
// endpoints.json). They are used to look for a repository elsewhere and to
// recognise misspelt regions; a region that is missing here causes no error.
var Regions = strings.Fields(`us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1
	eu-west-1 eu-west-2 eu-west-3 eu-central-1 eu-north-1 eu-south-1
	ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-south-1 ap-south-2 ap-east-1
	af-south-1 me-south-1 me-central-1 il-central-1
	cn-north-1 cn-northwest-1 us-gov-east-1 us-gov-west-1`)

// spelled returns the region that a misspelling such as US_East-1 or useast1 means,
// or "".
func spelled(text string) string {
	squeeze := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	for _, region := range Regions {
		if squeeze(region) == squeeze(text) {
			return region
		}
	}
	return ""
}
