package gitconfig

import (
	"fmt"
	"strconv"
	"strings"
)

// URLSettings are the settings of a section, such as http, that count for one
// URL, by their keys in lower case.
type URLSettings map[string][]Entry

// ForURL returns the settings of a section that count for a URL, as git selects
// them (urlmatch_config_entry in urlmatch.c). The last setting of a key counts
// among those with the most specific label. Of a key with several values, such
// as extraHeader, those count that are at least as specific as all before them.
func ForURL(entries []Entry, section, url string) URLSettings {
	at, ok := normalise(url, false)
	settings := URLSettings{}
	best := map[string]weight{}
	for _, e := range entries {
		if e.Section != section {
			continue
		}
		var w weight
		if e.Labelled {
			label, isURL := normalise(e.Label, true)
			if !ok || !isURL || !at.matches(label) {
				continue
			}
			w = label.weight()
		}
		if !w.less(best[e.Key]) {
			best[e.Key] = w
			settings[e.Key] = append(settings[e.Key], e)
		}
	}
	return settings
}

// weight is how specific a label is: first by the length of its host, then by
// that of its path, then by whether it names a user.
type weight struct {
	host, path int
	user       bool
}

func (l location) weight() weight {
	return weight{len(l.host), len(strings.TrimSuffix(l.path, "/")) + 1, l.hasUser}
}

func (w weight) less(other weight) bool {
	switch {
	case w.host != other.host:
		return w.host < other.host
	case w.path != other.path:
		return w.path < other.path
	}
	return !w.user && other.user
}

// Get returns the setting that counts for a key with a single value.
func (s URLSettings) Get(key string) (Entry, bool) {
	all := s[key]
	if len(all) == 0 {
		return Entry{}, false
	}
	return all[len(all)-1], true
}

// True returns the setting that turns a key on. It is false if the key is off, not
// set, or not a boolean.
func (s URLSettings) True(key string) (Entry, bool) {
	e, ok := s.Get(key)
	is, isBoolean := boolean(e.Value)
	return e, ok && (!e.Set || is && isBoolean)
}

// False returns the setting that turns a key off, if one does.
func (s URLSettings) False(key string) (Entry, bool) {
	e, ok := s.Get(key)
	is, isBoolean := boolean(e.Value)
	return e, ok && e.Set && !is && isBoolean
}

// IsBoolean reports whether git reads a value as a boolean.
func IsBoolean(value string) bool {
	_, ok := boolean(value)
	return ok
}

// IsFalse reports whether git reads a value as false. An empty value means that the
// key is not set.
func IsFalse(value string) bool {
	is, ok := boolean(value)
	return value != "" && ok && !is
}

// Authorization returns the extraHeader with which git authorizes itself before it
// asks a helper. Its value is a secret. An empty one removes those before it.
func (s URLSettings) Authorization() (found Entry, ok bool) {
	for _, e := range s["extraheader"] {
		switch {
		case e.Value == "":
			found, ok = Entry{}, false
		case strings.HasPrefix(strings.ToLower(e.Value), "authorization:"):
			found, ok = e, true
		}
	}
	return found, ok
}

// Rewrite applies url.BASE.insteadOf to a remote's URL, and returns the setting
// that applied, or nil. With push it returns the URL to which git pushes if the
// remote has no pushurl: by pushInsteadOf, or else by insteadOf. The longest
// match counts, and of equal ones that of the first BASE (alias_url in
// remote.c).
func Rewrite(entries []Entry, url string, push bool) (string, *Entry) {
	if push {
		if rewritten, by := rewrite(entries, url, "pushinsteadof"); by != nil {
			return rewritten, by
		}
	}
	return rewrite(entries, url, "insteadof")
}

func rewrite(entries []Entry, url, key string) (string, *Entry) {
	var bases []string
	by := map[string][]Entry{}
	for _, e := range entries {
		if e.Section == "url" && e.Labelled && e.Key == key {
			if by[e.Label] == nil {
				bases = append(bases, e.Label)
			}
			by[e.Label] = append(by[e.Label], e)
		}
	}
	var longest *Entry
	for _, base := range bases {
		for _, e := range by[base] {
			if strings.HasPrefix(url, e.Value) && (longest == nil || len(e.Value) > len(longest.Value)) {
				longest = &e
			}
		}
	}
	if longest == nil {
		return url, nil
	}
	return longest.Label + strings.TrimPrefix(url, longest.Value), longest
}

// location is a URL in git's normal form (urlmatch.c): scheme and host in lower
// case, no default port, no dots in the path, escapes in one form.
type location struct {
	scheme, user, host, port string
	hasUser                  bool
	// path begins with a slash, and includes query and fragment.
	path string
}

// unsafe and reserved are the characters of RFC 3986 in urlmatch.c. Reserved bytes
// stay escaped if they were.
const (
	unsafe   = " <>\"%{}|\\^`"
	reserved = ":/?#[]@!$&'()*+,;="
)

// normalise returns the normal form of a URL, or with globs of a label. It is false if
// git does not accept the URL.
func normalise(url string, globs bool) (location, bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || !isScheme(scheme) {
		return location{}, false
	}
	at := location{scheme: strings.ToLower(scheme)}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	if i := strings.IndexByte(authority, '@'); i >= 0 {
		userinfo, ok := reescape(authority[:i])
		if !ok {
			return location{}, false
		}
		at.user, _, _ = strings.Cut(userinfo, ":")
		at.hasUser, authority = true, authority[i+1:]
	}
	if !at.setHost(authority, globs) || !at.setPath(path) {
		return location{}, false
	}
	return at, true
}

func isScheme(s string) bool {
	letters := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
	others := func(r rune) bool { return letters(r) || r >= '0' && r <= '9' || strings.ContainsRune("+.-", r) }
	return s != "" && letters(rune(s[0])) && strings.IndexFunc(s, func(r rune) bool { return !others(r) }) < 0
}

// setHost reads HOST or HOST:PORT. Only file URLs may have no host.
func (l *location) setHost(authority string, globs bool) bool {
	if authority == "" || authority[0] == ':' {
		return l.scheme == "file" && (authority == "" || authority == ":")
	}
	host, port := authority, ""
	if i := strings.LastIndexAny(authority, ":]"); i > 0 && authority[i] == ':' {
		host, port = authority[:i], authority[i+1:]
	}
	for i := range len(host) {
		c := host[i]
		if !isKey(c) && strings.IndexByte("._[:]", c) < 0 && !(globs && c == '*') {
			return false
		}
	}
	l.host = strings.ToLower(host)
	return l.setPort(port)
}

func (l *location) setPort(port string) bool {
	digits := strings.TrimLeft(port, "0")
	if port == "" || l.scheme == "http" && digits == "80" || l.scheme == "https" && digits == "443" {
		return true
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	l.port = digits
	return err == nil && n > 0
}

// setPath resolves dots in each segment, also escaped ones.
func (l *location) setPath(path string) bool {
	path, rest := strings.TrimPrefix(path, "/"), ""
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path, rest = path[:i], path[i:]
	}
	var kept []string
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segment, ok := reescape(segment)
		if !ok || segment == ".." && len(kept) == 0 {
			return false
		}
		last := i == len(segments)-1
		switch {
		case segment == "..":
			kept = kept[:len(kept)-1]
		case segment != "." && (segment != "" || !last || len(kept) > 0):
			kept = append(kept, segment)
		}
	}
	rest, ok := reescape(rest)
	l.path = "/" + strings.Join(kept, "/") + rest
	return ok
}

// reescape escapes only the bytes that must be escaped, in upper case.
func reescape(text string) (string, bool) {
	var out strings.Builder
	for text != "" {
		c, escaped := text[0], text[0] == '%'
		if escaped {
			var ok bool
			if c, ok = escape(text); !ok {
				return "", false
			}
			text = text[2:]
		}
		text = text[1:]
		if c <= 0x1f || c >= 0x7f || strings.IndexByte(unsafe, c) >= 0 || escaped && strings.IndexByte(reserved, c) >= 0 {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String(), true
}

// matches reports whether a label applies to a URL.
func (l location) matches(label location) bool {
	return l.scheme == label.scheme &&
		(!label.hasUser || l.hasUser && l.user == label.user) &&
		matchHost(l.host, label.host) && l.port == label.port &&
		matchPath(l.path, label.path)
}

// matchHost compares host names label by label. A star matches one whole label.
func matchHost(host, pattern string) bool {
	if host == "" || pattern == "" {
		return host == pattern
	}
	names := strings.Split(strings.TrimSuffix(host, "."), ".")
	wanted := strings.Split(strings.TrimSuffix(pattern, "."), ".")
	if len(names) != len(wanted) {
		return false
	}
	for i, name := range names {
		if wanted[i] != name && wanted[i] != "*" {
			return false
		}
	}
	return true
}

// matchPath reports whether a pattern is a prefix of a path, ending at a slash.
func matchPath(path, pattern string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(pattern, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// target is a URL in decoded parts, as in git's credential code (credential_from_url
// in credential.c). A label may lack parts.
type target struct {
	protocol, host, path string
	user                 string
	hasUser              bool
}

// parseTarget reads a URL, or with partial a label such as "example.com",
// "https://" or "bob@".
func parseTarget(url string, partial bool) (target, error) {
	protocol, rest, absolute := strings.Cut(url, "://")
	if !absolute {
		protocol, rest = "", url
	}
	if !partial && protocol == "" {
		return target{}, fmt.Errorf("URL %q has no scheme", url)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	t := target{protocol: protocol}
	authority, path := rest[:end], strings.TrimLeft(rest[end:], "/")
	if at := strings.IndexByte(authority, '@'); at >= 0 {
		user, _, _ := strings.Cut(authority[:at], ":")
		t.user, t.hasUser = decode(user), true
		authority = authority[at+1:]
	}
	t.host, t.path = decode(authority), strings.TrimRight(decode(path), "/")
	if path != "" && t.path == "" {
		t.path = "/" // git leaves one slash of a path that is nothing else
	}
	if strings.Contains(t.user+t.host+t.path, "\n") {
		return target{}, fmt.Errorf("URL %q holds a line end", url)
	}
	return t, nil
}

// decode decodes %XX as git's url.c does. The text before a colon is kept, since it
// could be a scheme, and so is %00.
func decode(text string) string {
	var out strings.Builder
	if colon := strings.IndexByte(text, ':'); colon > 0 {
		out.WriteString(text[:colon])
		text = text[colon:]
	}
	for text != "" {
		if c, ok := escape(text); ok && c != 0 {
			out.WriteByte(c)
			text = text[3:]
			continue
		}
		out.WriteByte(text[0])
		text = text[1:]
	}
	return out.String()
}

// escape reads %XX at the beginning of a text.
func escape(text string) (byte, bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[1:3], 16, 8)
	return byte(n), err == nil
}

// encoded are the characters that git escapes when it composes a URL (strbuf.c).
const encoded = " <>\"%{}|\\^`:?#[]@!$&'()*+,;="

// url composes the URL of the parts, as git does before it compares.
func (t target) url() string {
	url := t.protocol + "://"
	if t.user != "" {
		url += encode(t.user, encoded+"/") + "@"
	}
	url += t.host
	if t.path != "" {
		url += "/" + encode(t.path, encoded)
	}
	return url
}

func encode(text, unsafe string) string {
	var out strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= 0x1f || c >= 0x7f || strings.IndexByte(unsafe, c) >= 0 {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// has reports whether every part of a label equals the target's
// (credential_match in credential.c). There are no wildcards, and a path is not
// a prefix.
func (t target) has(label target) bool {
	return (label.protocol == "" || label.protocol == t.protocol) &&
		(label.host == "" || label.host == t.host) &&
		(label.path == "" || label.path == t.path) &&
		(!label.hasUser || t.hasUser && label.user == t.user)
}
