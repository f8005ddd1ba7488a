package gitconfig

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// Chain is what git does for one URL: the helpers that it asks, in order. git tells
// all of them to store the answer of any of them.
type Chain struct {
	Helpers []Helper
	// UseHTTPPath is whether git tells helpers the path. UseHTTPPathFrom is the
	// setting that decided it, or nil.
	UseHTTPPath     bool
	UseHTTPPathFrom *Entry
	// Username is the credential.username that git sends along, or nil. This
	// helper does not answer for a name that is not its own.
	Username *Entry
	// RemovedBy is the empty "helper =" that removed this helper from the list,
	// unless a later setting added it again.
	RemovedBy *Entry
	// Broken is a setting at which git fails: a key without "=", or an invalid value
	// for a boolean setting.
	Broken *Entry
}

// Helper is one helper of a chain.
type Helper struct {
	Entry
	Kind Kind
	// Ours is true for any copy of this program.
	Ours bool
}

// Others returns the helpers that are not this program. git tells each of them to
// store the session token, which is a part of the username.
func (c Chain) Others() []Helper {
	var others []Helper
	for _, h := range c.Helpers {
		if !h.Ours {
			others = append(others, h)
		}
	}
	return others
}

// Reached reports whether git asks this program.
func (c Chain) Reached() bool { return len(c.Helpers) > len(c.Others()) }

// section is the name of git's section for credentials.
const section = "credential"

// Effective returns the chain for a URL, as git computes it: settings count in the
// order in which they are read, with a URL in their section or without. "git config
// --get-urlmatch" differs: it returns only the value of the best match.
func Effective(entries []Entry, url string) (Chain, error) {
	asked, err := parseTarget(url, false)
	if err != nil {
		return Chain{}, err
	}
	named := asked.hasUser && asked.user != "" // the URL's username stays
	at, normal := normalise(asked.url(), false)
	var chain Chain
	for i := range entries {
		e := entries[i] // a copy, which the chain keeps
		if e.Section != section || !e.applies(asked, at, normal) {
			continue
		}
		if !e.Set {
			chain.Broken = &e
			break
		}
		if e.Key == "username" && !named {
			asked.user, asked.hasUser = e.Value, true
			chain.Username = &e
		}
		if !chain.add(e) {
			chain.Broken = &e
			break
		}
	}
	return chain, nil
}

// Named returns every helper that a setting for a URL names, also those that an
// empty "helper =" removes from the chain, since they keep what they have
// stored.
func Named(entries []Entry, url string) ([]Helper, error) {
	var all []Helper
	for _, e := range entries {
		if e.Section != section || e.Key != "helper" || e.Value == "" {
			continue
		}
		chain, err := Effective([]Entry{e}, url)
		if err != nil {
			return nil, err
		}
		for _, h := range chain.Helpers {
			if !slices.ContainsFunc(all, func(other Helper) bool { return other.Value == h.Value }) {
				all = append(all, h)
			}
		}
	}
	return all, nil
}

// applies reports whether an entry applies to a URL. A label that is not a
// whole URL is compared part by part (match_partial_url in credential.c), with
// the username of the settings so far.
func (e Entry) applies(asked target, at location, normal bool) bool {
	if !e.Labelled {
		return true
	}
	if label, ok := normalise(e.Label, true); ok {
		return normal && at.matches(label)
	}
	label, err := parseTarget(e.Label, true)
	return err == nil && asked.has(label)
}

// add adds a setting to the chain. It returns false if git fails at it.
func (c *Chain) add(e Entry) bool {
	switch e.Key {
	case "helper":
		c.addHelper(e)
	case "usehttppath":
		use, ok := boolean(e.Value)
		c.UseHTTPPath, c.UseHTTPPathFrom = use, &e
		return ok
	}
	return true
}

func (c *Chain) addHelper(e Entry) {
	if e.Value == "" {
		if c.Reached() {
			c.RemovedBy = &e
		}
		c.Helpers = nil
		return
	}
	h := Helper{Entry: e, Kind: kindOf(e.Value), Ours: Ours(e.Value)}
	if h.Ours {
		c.RemovedBy = nil
	}
	c.Helpers = append(c.Helpers, h)
}

// boolean reads a value as git does (git-config(1), "Values"). ok is false if it is
// not a boolean.
func boolean(value string) (is, ok bool) {
	switch strings.ToLower(value) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	digits := strings.TrimRight(strings.ToLower(value), "kmg")
	if len(value)-len(digits) > 1 {
		return false, false
	}
	n, err := strconv.ParseInt(digits, 0, 32)
	return n != 0, err == nil
}

// Trouble is a problem of a chain.
type Trouble int

const (
	// Broken means that git fails at a setting.
	Broken Trouble = iota
	// Removed means that an empty "helper =" removes this helper from the list.
	Removed
	// NotAsked means that no setting names this helper.
	NotAsked
	// OtherHelper means that git tells another helper to store the session token.
	OtherHelper
	// NoPath means that git does not tell helpers the path, which the signature
	// needs.
	NoPath
	// OtherName means that git sends a username for which this helper has no answer.
	OtherName
)

// Concern is something in git's configuration because of which git does not ask
// this helper for a URL, or passes its answers to others.
type Concern struct {
	Trouble Trouble
	// URL is the first URL for which it was found.
	URL string
	// Entry is the setting that causes it, empty if a setting is missing.
	Entry Entry
	// After is true for another helper that comes after this one.
	After bool
}

// String describes it, with the place in git's configuration.
func (c Concern) String() string {
	at := c.Entry.Place()
	switch c.Trouble {
	case Broken:
		return fmt.Sprintf("%s: git does not accept the value of %s", at, c.Entry.Name())
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
			return fmt.Sprintf("credential.useHttpPath is not set for %s, so git does not tell helpers the path", c.URL)
		}
		return fmt.Sprintf("%s: %s = %s keeps the path from helpers for %s", at, c.Entry.Name(), c.Entry.Value, c.URL)
	}
	return fmt.Sprintf("%s: %s = %s is sent for %s, and this helper does not answer for that username", at, c.Entry.Name(), c.Entry.Value, c.URL)
}

// Concerns returns the problems of the chains of some URLs. Each setting, or
// missing setting, is reported once, with the first URL.
func Concerns(entries []Entry, urls []string) ([]Concern, error) {
	var all []Concern
	for _, url := range urls {
		chain, err := Effective(entries, url)
		if err != nil {
			return nil, err
		}
		for _, c := range chain.concerns(url) {
			known := func(other Concern) bool { return other.Trouble == c.Trouble && other.Entry == c.Entry }
			if !slices.ContainsFunc(all, known) {
				all = append(all, c)
			}
		}
	}
	return all, nil
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
	if c.Username != nil && c.Username.Value != "" && !isOwnName(c.Username.Value) {
		found = append(found, Concern{Trouble: OtherName, URL: url, Entry: *c.Username})
	}
	return found
}

// Samples returns URLs to check sections with: one for each section, and one
// for each other label in the configuration about the same hosts.
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

// sample returns a repository's URL to which a label applies.
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
