package sandbox

import (
	"regexp"
	"strings"
)

// The services of the world, as they are named in SetDelay, Inject and Count.
const (
	STS     = "sts"
	IAM     = "iam"
	Git     = "git-codecommit" // CodeCommit's git endpoint
	CodeAPI = "codecommit"     // CodeCommit's API endpoint
	SSO     = "portal.sso"     // IAM Identity Center's portal
)

// A place is where a host name leads: a service in a region of a partition.
type place struct {
	service, region, partition string
}

var awsHost = regexp.MustCompile(`^(vpce-[0-9a-z-]+\.)?(sts|iam|git-codecommit|codecommit|kms|portal\.sso)(?:-fips)?\.` +
	`(?:([a-z]{2,4}(?:-[a-z]+)+-[0-9])\.)?(vpce\.)?amazonaws\.(com\.cn|com|eu)$`)

// parseHost knows the hosts that the world plays; any other name is refused
// by the proxy, so that a test sees a program that talks to strangers.
func parseHost(host string) (place, bool) {
	host = strings.ToLower(host)
	// IAM is global and signs for one region of its partition; only GovCloud's
	// host name does not carry that region in full.
	host = strings.Replace(host, "iam.us-gov.", "iam.us-gov-west-1.", 1)
	m := awsHost.FindStringSubmatch(host)
	if m == nil || (m[1] == "") != (m[4] == "") {
		return place{}, false
	}
	at := place{service: m[2], region: m[3]}
	if at.region == "" {
		if at.service != STS && at.service != IAM {
			return place{}, false
		}
		at.region = "us-east-1" // what the global endpoints sign with
	}
	var suffix string
	at.partition, suffix = partitionOf(at.region)
	return at, suffix == m[5]
}

// partitionOf gives a region's partition and the end of its host names.
func partitionOf(region string) (partition, suffix string) {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn", "com.cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov", "com"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc", "eu"
	}
	return "aws", "com"
}
