package gitconfig

import "strings"

// URLSettings are the settings of a section, such as http, that count for one
// URL, by their keys in lower case.
type URLSettings map[string][]Entry

// ForURL picks the settings of a section that count for a URL, as git does
// (urlmatch_config_entry in urlmatch.c): of one key the setting whose label says
// most about the URL, and of these the last. A key that can be given several
// times, as extraHeader, takes all that were not less than one before them.
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

// weight is how much a label says, in the order in which it counts: the length of
// its host, that of its path, and whether it names a user.
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

// Get returns the setting that counts for a key that has one value.
func (s URLSettings) Get(key string) (Entry, bool) {
	all := s[key]
	if len(all) == 0 {
		return Entry{}, false
	}
	return all[len(all)-1], true
}

// True returns the setting that switches a key on, and false where it is off, not
// set, or set to what is neither.
func (s URLSettings) True(key string) (Entry, bool) {
	e, ok := s.Get(key)
	is, isBoolean := boolean(e.Value)
	return e, ok && (!e.Set || is && isBoolean)
}

// False returns the setting that switches a key off.
func (s URLSettings) False(key string) (Entry, bool) {
	e, ok := s.Get(key)
	is, isBoolean := boolean(e.Value)
	return e, ok && e.Set && !is && isBoolean
}

// IsFalse reports whether a value switches off what is on without it, as git reads
// booleans.
func IsFalse(value string) bool {
	is, ok := boolean(value)
	return value != "" && ok && !is
}

// Authorization returns the extraHeader by which git authorizes itself before any
// helper is asked. Its value is a secret. An empty one takes back those before it.
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

// Rewrite returns what git makes of a remote's URL by url.BASE.insteadOf, and the
// setting that did it, nil for none. With push it is what git pushes to where the
// remote has no pushurl: by pushInsteadOf, or else by insteadOf. The longest that
// fits counts, and of equal ones that of the BASE which came first (alias_url in
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
