// Package codecommit is AWS's door for git: which hosts and paths are
// CodeCommit's, and how a password for one of them is signed. It is pure.
package codecommit

import (
	"errors"
	"strings"
)

var (
	// ErrForeignHost is for every host that is not one of CodeCommit's. Such
	// a host gets no answer at all.
	ErrForeignHost = errors.New("not a CodeCommit host")
	// ErrNoPath is for a request without a path: git leaves it out unless
	// credential.useHttpPath is true, and the signature needs it.
	ErrNoPath = errors.New("git sent no path")
	// ErrLFSPath is for a path below a repository that git-lfs asks for.
	ErrLFSPath = errors.New("CodeCommit has no documented Git LFS endpoint")
	// ErrBadPath is for every other path that is not a repository's.
	ErrBadPath = errors.New("not a CodeCommit repository path")
)

// Host is one of CodeCommit's git hosts.
type Host struct {
	// Name is the whole name in lower case, without a port: what is signed.
	Name string
	// Region is the region of the host, which is the region of the signature.
	Region string
	// FIPS is true for the endpoints with validated cryptography.
	FIPS bool
}

// ParseHost reads the host attribute of a request: a name with an optional
// port, in any case. The error is ErrForeignHost.
//
// Forms: AWS CodeCommit User Guide, "Regions and Git connection endpoints"
// and "Using AWS CodeCommit with interface VPC endpoints"; the latter under
// amazonaws.com only. Read without a regular expression, which would take
// longer to compile than the rest of an answer.
func ParseHost(attribute string) (Host, error) {
	// ASCII only, so that no letter folds into another (the Kelvin sign).
	if len(attribute) > 255+len(":443") || strings.ContainsFunc(attribute, func(r rune) bool { return r > 0x7e }) {
		return Host{}, ErrForeignHost
	}
	name := strings.TrimSuffix(strings.ToLower(attribute), ":443")
	rest := name
	endpoint, isEndpoint := strings.CutPrefix(rest, "vpce-")
	if isEndpoint {
		endpoint, rest, _ = strings.Cut(endpoint, ".")
		if !of(lowercase+digits+"-", endpoint) {
			return Host{}, ErrForeignHost
		}
	}
	rest, ours := strings.CutPrefix(rest, "git-codecommit") // mutation: whole names of hosts
	rest, fips := strings.CutPrefix(rest, "-fips")
	rest, dot := strings.CutPrefix(rest, ".")
	region, suffix, _ := strings.Cut(rest, ".")
	suffix, isVPCE := strings.CutPrefix(suffix, "vpce.")
	if !ours || !dot || isEndpoint != isVPCE || !IsRegion(region) ||
		suffix != DNSSuffix(region) || isVPCE && suffix != "amazonaws.com" {
		return Host{}, ErrForeignHost
	}
	return Host{Name: name, Region: region, FIPS: fips}, nil
}

const (
	uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowercase = "abcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"
)

// IsRegion tells whether a label looks like a region, us-gov-west-1, since
// other tenants own names such as git-codecommit.s3.amazonaws.com (a bucket),
// and git's wildcard https://git-codecommit.*.amazonaws.com lets them through
// to a helper. New regions need no new release (git-remote-codecommit #33). It
// refuses the isolated regions (us-iso-east-1), whose hosts are under other
// domains, and names that the SDK takes for another region's (fips-us-east-1).
func IsRegion(label string) bool {
	words := strings.Split(label, "-")
	last := len(words) - 1
	for _, word := range words[:last] {
		if !of(lowercase, word) || word == "fips" || strings.HasPrefix(word, "iso") {
			return false
		}
	}
	return last >= 2 && len(words[0]) >= 2 && len(words[0]) <= 4 && of(digits, words[last]) && len(words[last]) <= 2
}

// of tells whether s has at least one letter, and none but these.
func of(letters, s string) bool { return s != "" && strings.Trim(s, letters) == "" }

// partitions lists region prefixes with the partition's name and DNS suffix
// (botocore partitions.json). The first prefix that fits wins.
var partitions = []struct{ prefix, name, suffix string }{
	{"cn-", "aws-cn", "amazonaws.com.cn"},
	{"us-gov-", "aws-us-gov", "amazonaws.com"},
	{"eusc-", "aws-eusc", "amazonaws.eu"},
	{"", "aws", "amazonaws.com"},
}

// Partition returns the AWS partition that a region belongs to.
func Partition(region string) string {
	name, _ := partition(region)
	return name
}

// HostName returns the name of a region's usual host, not of its FIPS and VPC
// endpoints. It takes any region; ParseHost tells whether it can be one.
func HostName(region string) string { return "git-codecommit." + region + "." + DNSSuffix(region) }

// DNSSuffix returns the domain under which a region's endpoints live.
func DNSSuffix(region string) string {
	_, suffix := partition(region)
	return suffix
}

func partition(region string) (name, suffix string) {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name, p.suffix
		}
	}
	return "", ""
}

// nameLetters are those of a repository's name, which has 1 to 100 of them
// (CodeCommit API Reference, RepositoryName).
const nameLetters = uppercase + lowercase + digits + "._-"

// ParsePath reads the path attribute of a request and returns the name of the
// repository. Anything that is not exactly a repository's path is refused
// rather than normalised: it would be signed as one thing and asked for as
// another. The errors are ErrNoPath, ErrLFSPath and ErrBadPath.
func ParsePath(attribute string) (string, error) {
	if attribute == "" {
		return "", ErrNoPath
	}
	if strings.HasSuffix(attribute, "/info/lfs") || strings.Contains(attribute, "/info/lfs/") {
		return "", ErrLFSPath
	}
	name, ok := strings.CutPrefix(attribute, "v1/repos/")
	if !ok || len(name) > 100 || !of(nameLetters, name) {
		return "", ErrBadPath
	}
	if name == "." || name == ".." || strings.HasSuffix(name, ".git") {
		return "", ErrBadPath
	}
	return name, nil
}
