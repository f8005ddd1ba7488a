// Package codecommit knows CodeCommit's hosts and paths, and signs passwords for
// them. It reads no clock and no file, and makes no calls.
package codecommit

import (
	"errors"
	"strings"
)

var (
	// ErrForeignHost: the host is not one of CodeCommit's. Such a host gets no
	// answer.
	ErrForeignHost = errors.New("not a CodeCommit host")
	// ErrNoPath: the request has no path, which the signature needs. git sends it
	// only if credential.useHttpPath is true.
	ErrNoPath = errors.New("git sent no path")
	// ErrLFSPath: the path is one that git-lfs asks for.
	ErrLFSPath = errors.New("CodeCommit has no documented Git LFS endpoint")
	// ErrBadPath: the path is not a repository's.
	ErrBadPath = errors.New("not a CodeCommit repository path")
)

// Host is one of CodeCommit's git hosts.
type Host struct {
	// Name is the whole name in lower case, without a port, as it is signed.
	Name string
	// Region is the region of the host and of the signature.
	Region string
	// FIPS is true for endpoints with validated cryptography.
	FIPS bool
}

// ParseHost parses the host attribute of a request: a name in upper or lower
// case, with or without the port 443. The error is ErrForeignHost.
//
// The forms are those of the AWS CodeCommit User Guide, "Regions and Git
// connection endpoints" and "Using AWS CodeCommit with interface VPC endpoints";
// the latter only under amazonaws.com. To compile a regular expression would
// take longer than the rest of an answer.
func ParseHost(attribute string) (Host, error) {
	// ASCII only: strings.ToLower turns the Kelvin sign into k.
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

// IsRegion reports whether a label has the form of a region, such as
// us-gov-west-1. Other customers of AWS own names such as
// git-codecommit.s3.amazonaws.com (a bucket), which match git's wildcard
// https://git-codecommit.*.amazonaws.com. There is no list, so that a new region
// needs no new release (git-remote-codecommit #33). IsRegion refuses the
// isolated regions (us-iso-east-1), whose hosts are under other domains, and
// names that the SDK uses for another region (fips-us-east-1).
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

// of reports whether s is not empty and has only these letters.
func of(letters, s string) bool { return s != "" && strings.Trim(s, letters) == "" }

// partitions lists the prefixes of regions with the partition's name and DNS
// suffix (botocore partitions.json). The first prefix that matches counts.
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

// HostName returns the name of a region's usual host, not of its FIPS or VPC
// endpoints. It does not check the region.
func HostName(region string) string { return "git-codecommit." + region + "." + DNSSuffix(region) }

// DNSSuffix returns the domain of a region's endpoints.
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

// nameLetters are the letters of a repository's name, which has 1 to 100
// (CodeCommit API Reference, RepositoryName).
const nameLetters = uppercase + lowercase + digits + "._-"

// ParsePath parses the path attribute of a request and returns the name of the
// repository. It does not normalise a path, because git would ask for another
// one than is signed. The errors are ErrNoPath, ErrLFSPath and ErrBadPath.
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
