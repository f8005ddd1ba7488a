package gitconfig

import "github.com/git-credential-mfa/git-credential-mfa/codecommit"

// Hosts returns the labels under which git finds every CodeCommit host. A star
// stands for one whole label of a name, so that each form needs its own.
func Hosts() []string {
	return []string{
		"https://git-codecommit.*.amazonaws.com",
		"https://git-codecommit-fips.*.amazonaws.com",
		"https://git-codecommit.*.amazonaws.com.cn",
		"https://git-codecommit.*.amazonaws.eu",
		"https://*.git-codecommit.*.vpce.amazonaws.com",
		"https://*.git-codecommit-fips.*.vpce.amazonaws.com",
	}
}

// RegionHosts returns the labels for one region, without wildcards: for git
// before 2.26, and for programs such as cargo, which look for the exact host
// (git2-rs, src/cred.rs). Names of interface endpoints can't be known.
func RegionHosts(region string) []string {
	suffix := "." + region + "." + codecommit.DNSSuffix(region)
	labels := []string{"https://git-codecommit" + suffix}
	if codecommit.DNSSuffix(region) == "amazonaws.com" { // FIPS is the USA's and Canada's
		labels = append(labels, "https://git-codecommit-fips"+suffix)
	}
	return labels
}
