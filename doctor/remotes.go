package doctor

import (
	"net/url"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// Remote is a remote of the current repository, or a URL that a person gave.
type Remote struct {
	Name string // "" for a URL that was given
	URL  string // as git uses it, after url.*.insteadOf
	// Rewritten names the setting that made it so, if one did.
	Rewritten string
	Push      bool // a remote.NAME.pushurl
}

// remoteKind is how a remote's URL leads to CodeCommit.
type remoteKind int

const (
	foreign   remoteKind = iota // not CodeCommit's
	asItIs                      // what the signature is made for
	overSSH                     // ssh://
	overGRC                     // codecommit::, of git-remote-codecommit
	embedded                    // with a password, or a username that is not ours
	plainHTTP                   // http://
	badPath                     // .git, or not /v1/repos/NAME
	slash                       // a slash at the end
	badHost                     // looks like CodeCommit's, and is not
)

// reading of a remote: what it is, and the target that it should be about.
type reading struct {
	kind   remoteKind
	target Target
}

// read looks at a remote's URL. The first trouble counts.
func (r Remote) read() reading {
	if rest, ok := strings.CutPrefix(r.URL, "codecommit:"); ok {
		return readGRC(rest)
	}
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" {
		return reading{}
	}
	host, err := codecommit.ParseHost(u.Host)
	if err != nil {
		return nearMiss(u)
	}
	name, err := codecommit.ParsePath(strings.Trim(u.Path, "/"))
	if err != nil {
		name = guessName(u.Path)
	}
	target := newTarget(host, name)
	_, password := u.User.Password()
	switch {
	case u.Scheme == "ssh":
		return reading{overSSH, target}
	case password || u.User != nil && !isOwnName(u.User.Username()):
		return reading{embedded, target}
	case u.Scheme == "http":
		return reading{plainHTTP, target}
	case u.Scheme != "https":
		return reading{}
	case err != nil:
		return reading{badPath, target}
	case strings.HasSuffix(u.Path, "/"):
		return reading{slash, target}
	}
	return reading{asItIs, target}
}

// guessName takes the repository's name out of a path that is almost one.
func guessName(path string) string {
	path = strings.TrimSuffix(strings.TrimSpace(strings.Trim(path, "/ ")), ".git")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if _, err := codecommit.ParsePath("v1/repos/" + name); err != nil {
		return ""
	}
	return name
}

// nearMiss knows a host that someone meant to be CodeCommit's: a region in
// another spelling, or the API's host in place of git's.
func nearMiss(u *url.URL) reading {
	host := strings.ToLower(u.Hostname())
	if !strings.Contains(host, "codecommit") || !strings.Contains(host, "amazonaws") {
		return reading{}
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
		mended, err := codecommit.ParseHost(endpoint + "." + region + "." + codecommit.DNSSuffix(region))
		if err == nil {
			return reading{badHost, newTarget(mended, guessName(u.Path))}
		}
	}
	return reading{badHost, Target{}}
}

// readGRC reads codecommit://PROFILE@NAME and codecommit::REGION://NAME.
func readGRC(rest string) reading {
	region := ""
	if scheme, after, ok := strings.Cut(strings.TrimPrefix(rest, ":"), "://"); ok {
		region, rest = scheme, after
	}
	rest = strings.TrimLeft(rest, "/:")
	name := guessName(rest[strings.LastIndexByte(rest, '@')+1:])
	host, err := codecommit.ParseHost(codecommit.HostName(region))
	if err != nil {
		return reading{overGRC, Target{}}
	}
	return reading{overGRC, newTarget(host, name)}
}

// shown is the URL without what may be a secret.
func (r Remote) shown() string { return withoutUser(r.URL) }

// withoutUser hides the userinfo of a URL: a password, or a username that is a
// session token.
func withoutUser(address string) string {
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

// label names the remote in a text.
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

// setURL is the command that gives the remote a URL.
func (r Remote) setURL(address string) string {
	if r.Name == "" {
		return address
	}
	words := []string{"git remote set-url"}
	if r.Push {
		words = append(words, "--push")
	}
	return strings.Join(append(words, shellWord(r.Name), address), " ")
}

// shellWord quotes a word for a shell, if it must be.
func shellWord(word string) string {
	plain := strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") == ""
	if plain && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
