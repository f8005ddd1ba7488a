package gitconfig

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// Trouble is what can be wrong with a chain.
type Trouble int

const (
	// Broken: git stops with an error at a setting.
	Broken Trouble = iota
	// Removed: an empty "helper =" takes this helper out of the list.
	Removed
	// NotAsked: this helper is not in the list at all.
	NotAsked
	// OtherHelper: another one is told to store the session token.
	OtherHelper
	// NoPath: helpers are not told the path, which the signature needs.
	NoPath
	// OtherName: git sends a name for which this helper does not answer.
	OtherName
)

// Concern is something in git's configuration that keeps this helper from
// being asked for a URL, or hands its answers to others.
type Concern struct {
	Trouble Trouble
	// URL is the first one for which it was found.
	URL string
	// Entry is the setting to blame; it is empty where one is missing.
	Entry Entry
	// After is true for another helper that comes after this one.
	After bool
}

// String words it for a person, with the place in git's configuration.
func (c Concern) String() string {
	at := c.Entry.Place()
	switch c.Trouble {
	case Broken:
		return fmt.Sprintf("%s: git stops at %s, which has no value that it understands", at, c.Entry.Name())
	case Removed:
		return fmt.Sprintf("%s: the empty %s removes this helper for %s", at, c.Entry.Name(), c.URL)
	case NotAsked:
		return fmt.Sprintf("git does not ask this helper for %s", c.URL)
	case OtherHelper:
		order := "before"
		if c.After {
			order = "after"
		}
		return fmt.Sprintf("%s: %s = %s comes %s this helper for %s, and is told to store the session token", at, c.Entry.Name(), c.Entry.Value, order, c.URL)
	case NoPath:
		if c.Entry.Key == "" {
			return fmt.Sprintf("credential.useHttpPath is not set for %s, so that helpers are not told the path", c.URL)
		}
		return fmt.Sprintf("%s: %s = %s keeps the path from helpers for %s", at, c.Entry.Name(), c.Entry.Value, c.URL)
	}
	return fmt.Sprintf("%s: %s = %s is sent for %s, and this helper answers for no name but its own", at, c.Entry.Name(), c.Entry.Value, c.URL)
}

// Concerns looks for trouble in the chains of some URLs. Each setting, or
// lack of one, is named once, with the first URL.
func Concerns(entries []Entry, urls []string) ([]Concern, error) {
	var all []Concern
	for _, url := range urls {
		chain, err := Effective(entries, url)
		if err != nil {
			return nil, err
		}
		for _, c := range chain.concerns(url) {
			if !known(all, c) {
				all = append(all, c)
			}
		}
	}
	return all, nil
}

func known(all []Concern, c Concern) bool {
	for _, other := range all {
		if other.Trouble == c.Trouble && other.Entry == c.Entry {
			return true
		}
	}
	return false
}

func (c Chain) concerns(url string) []Concern {
	switch {
	case c.Broken != nil:
		return []Concern{{Trouble: Broken, URL: url, Entry: *c.Broken}}
	case !c.Reached() && c.RemovedBy != nil:
		return []Concern{{Trouble: Removed, URL: url, Entry: *c.RemovedBy}}
	case !c.Reached():
		return []Concern{{Trouble: NotAsked, URL: url}}
	}
	var found []Concern
	after := false
	for _, h := range c.Helpers {
		after = after || h.Ours
		if !h.Ours {
			found = append(found, Concern{Trouble: OtherHelper, URL: url, Entry: h.Entry, After: after})
		}
	}
	if !c.UseHTTPPath {
		concern := Concern{Trouble: NoPath, URL: url}
		if c.UseHTTPPathFrom != nil {
			concern.Entry = *c.UseHTTPPathFrom
		}
		found = append(found, concern)
	}
	if c.Username != nil && !isOwnName(c.Username.Value) {
		found = append(found, Concern{Trouble: OtherName, URL: url, Entry: *c.Username})
	}
	return found
}

// Samples returns URLs by which to judge sections: one for each, and one for
// each other label of the configuration that is about the same hosts.
func Samples(sections []Section, entries []Entry) []string {
	var urls []string
	seen := map[string]bool{}
	add := func(url string) {
		if !seen[url] {
			urls = append(urls, url)
		}
		seen[url] = true
	}
	for _, s := range sections {
		add(sample(s.Label))
	}
	for _, e := range entries {
		at, ok := normalise(e.Label, false)
		if _, err := codecommit.ParseHost(at.host); e.Section != section || !ok || err != nil {
			continue
		}
		for _, s := range sections {
			if label, _ := normalise(s.Label, true); at.matches(label) {
				add(sample(e.Label))
				break
			}
		}
	}
	return urls
}

// sample is a repository's URL that a label means.
func sample(label string) string {
	region := "us-east-1"
	switch {
	case strings.HasSuffix(label, ".cn"):
		region = "cn-north-1"
	case strings.HasSuffix(label, ".eu"):
		region = "eusc-de-east-1"
	}
	url := strings.Replace(label, "://*.", "://vpce-0.", 1)
	url = strings.TrimSuffix(strings.Replace(url, ".*.", "."+region+".", 1), "/")
	if at, ok := normalise(url, false); ok && at.path == "/" {
		url += "/v1/repos/demo"
	}
	return url
}

func isOwnName(username string) bool {
	_, ok := codecommit.AccessKeyID(username)
	return ok
}
