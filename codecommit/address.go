package codecommit

import (
	"errors"
	"strings"
)

var (
	// ErrForeignAddress is for an address that is no repository of CodeCommit's.
	ErrForeignAddress = errors.New("not the address of a CodeCommit repository")
	// ErrNoRegion is for codecommit://NAME, whose region is that of a profile.
	ErrNoRegion = errors.New("the address names no region")
)

// Address is a repository as a person names it, in one of the forms that git
// takes for it.
type Address struct {
	Host Host
	Name string
	// Scheme is "https", "ssh" or "codecommit": git-remote-codecommit's form.
	Scheme string
	// Profile is that of codecommit::REGION://PROFILE@NAME, or "".
	Profile string
}

// URL is the address that is signed for.
func (a Address) URL() string { return "https://" + a.Host.Name + "/v1/repos/" + a.Name }

// ParseAddress reads an https or ssh URL, or an address of
// git-remote-codecommit (its README, "Using git-remote-codecommit"), for which
// region stands in where it names none. Usernames and passwords are passed over.
// The errors are ErrForeignAddress, ErrNoRegion, and those of ParseHost and
// ParsePath.
func ParseAddress(address, region string) (Address, error) {
	if rest, ok := strings.CutPrefix(address, "codecommit:"); ok {
		return parseRemoteCodeCommit(rest, region)
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || scheme != "https" && scheme != "ssh" || strings.ContainsAny(rest, "?#") {
		return Address{}, ErrForeignAddress
	}
	// Not net/url: internal/early would have to wait for its many inits.
	host, path, _ := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if scheme == "ssh" {
		host = strings.TrimSuffix(host, ":22")
	}
	a := Address{Scheme: scheme}
	var err error
	if a.Host, err = ParseHost(host); err != nil {
		return a, err
	}
	a.Name, err = ParsePath(strings.Trim(path, "/"))
	return a, err
}

// parseRemoteCodeCommit reads "//[PROFILE@]NAME" or ":REGION://[PROFILE@]NAME".
func parseRemoteCodeCommit(rest, region string) (Address, error) {
	a := Address{Scheme: "codecommit"}
	name, ok := strings.CutPrefix(rest, "//")
	if after, named := strings.CutPrefix(rest, ":"); named {
		region, name, ok = strings.Cut(after, "://")
	}
	if at := strings.LastIndexByte(name, '@'); at >= 0 {
		a.Profile, name = name[:at], name[at+1:]
	}
	switch {
	case !ok:
		return a, ErrForeignAddress
	case region == "":
		return a, ErrNoRegion
	}
	var err error
	if a.Host, err = ParseHost(HostName(region)); err != nil {
		return a, err
	}
	a.Name, err = ParsePath("v1/repos/" + name)
	return a, err
}
