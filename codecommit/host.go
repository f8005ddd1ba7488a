// Package codecommit is AWS's door for git: which hosts and paths are
// CodeCommit's, and how a password for one of them is signed. It is pure.
package codecommit

import (
	"errors"
	"regexp"
	"strings"
	"sync"
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

// hostPattern matches a name in lower case, anchored at both ends. The region label
// must look like a region, since other tenants own names such as
// git-codecommit.s3.amazonaws.com (a bucket), and git's wildcard
// https://git-codecommit.*.amazonaws.com lets them through to a helper. New
// regions need no new release (git-remote-codecommit #33).
//
// Forms: AWS CodeCommit User Guide, "Regions and Git connection endpoints"
// and "Using AWS CodeCommit with interface VPC endpoints".
//
// It is compiled when it is needed: a helper that is configured for every host
// is run for many that are not CodeCommit's.
var hostPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(vpce-[0-9a-z-]+\.)?git-codecommit(-fips)?\.([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})(\.vpce)?\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu)(?::443)?$`)
})

// ParseHost reads the host attribute of a request: a name with an optional
// port, in any case. The error is ErrForeignHost.
func ParseHost(attribute string) (Host, error) {
	// ASCII only, so that no letter folds into another (the Kelvin sign).
	if len(attribute) > 255+len(":443") || strings.ContainsFunc(attribute, func(r rune) bool { return r > 0x7e }) {
		return Host{}, ErrForeignHost
	}
	lower := strings.ToLower(attribute)
	if !strings.Contains(lower, "git-codecommit") {
		return Host{}, ErrForeignHost
	}
	m := hostPattern().FindStringSubmatch(lower)
	if m == nil {
		return Host{}, ErrForeignHost
	}
	endpoint, fips, region, infix, suffix := m[1], m[2], m[3], m[4], m[5]
	if (endpoint == "") != (infix == "") || suffix != DNSSuffix(region) {
		return Host{}, ErrForeignHost
	}
	if infix != "" && suffix != "amazonaws.com" {
		return Host{}, ErrForeignHost // interface endpoints are documented under amazonaws.com only
	}
	name, _, _ := strings.Cut(m[0], ":")
	return Host{Name: name, Region: region, FIPS: fips != ""}, nil
}

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
const nameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

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
	if !ok || len(name) < 1 || len(name) > 100 || strings.Trim(name, nameLetters) != "" {
		return "", ErrBadPath
	}
	if name == "." || name == ".." || strings.HasSuffix(name, ".git") {
		return "", ErrBadPath
	}
	return name, nil
}
