package codecommit

import (
	"errors"
	"strings"
)

var (
	// ErrForeignAddress: the address is not a CodeCommit repository's.
	ErrForeignAddress = errors.New("not the address of a CodeCommit repository")
	// ErrNoRegion: the address is codecommit://NAME, whose region is a profile's.
	ErrNoRegion = errors.New("the address names no region")
)

// Address is the address of a repository, in one of the forms that git accepts.
type Address struct {
	Host Host
	Name string
	// Scheme is "https", "ssh", or "codecommit" for git-remote-codecommit.
	Scheme string
	// Profile is the PROFILE of codecommit::REGION://PROFILE@NAME, or "".
	Profile string
}

// URL returns the https URL of the repository.
func (a Address) URL() string { return "https://" + a.Host.Name + "/v1/repos/" + a.Name }

// ParseAddress parses an https or ssh URL, or an address of
// git-remote-codecommit (its README, "Using git-remote-codecommit"). region is
// used if such an address names none. ParseAddress ignores usernames and
// passwords. The errors are ErrForeignAddress, ErrNoRegion, and those of
// ParseHost and ParsePath.
func ParseAddress(address, region string) (Address, error) {
	if rest, ok := strings.CutPrefix(address, "codecommit:"); ok {
		return parseRemoteCodeCommit(rest, region)
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || scheme != "https" && scheme != "ssh" || strings.ContainsAny(rest, "?#") {
		return Address{}, ErrForeignAddress
	}
	// Without net/url, because internal/early would have to wait for its init.
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

// parseRemoteCodeCommit parses "//[PROFILE@]NAME" or ":REGION://[PROFILE@]NAME".
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
