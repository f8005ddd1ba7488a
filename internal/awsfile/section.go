// Package awsfile reads and edits the two AWS files, ~/.aws/config and
// ~/.aws/credentials, by the rules of the AWS SDK for Go
// (aws-sdk-go-v2/config). It reports the place of each value, and what the SDK
// reads differently from what the author intended. It runs nothing, and reads the
// environment only through the function that it is given.
package awsfile

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// DefaultProfile is the profile in force if none is named.
const DefaultProfile = "default"

// The prefixes of the sections that count in ~/.aws/config, besides [default].
const (
	profilePrefix  = "profile "
	sessionPrefix  = "sso-session "
	servicesPrefix = "services "
)

// unquoted returns a name without its quotes, as the AWS CLI reads it.
func unquoted(name string) string {
	if words, err := shell.Split(name); err == nil && len(words) == 1 && strings.ContainsAny(name, `'"`) {
		return words[0]
	}
	return name
}

// configSection returns the one of the sections of config that is for a profile.
func configSection(sections []string, profile string) (section string, ok bool) {
	if slices.Contains(sections, profilePrefix+profile) {
		return profilePrefix + profile, true
	}
	if profile == DefaultProfile && slices.Contains(sections, profile) {
		return profile, true
	}
	for _, name := range sections {
		if quoted, ok := strings.CutPrefix(name, profilePrefix); ok && quoted != profile && unquoted(quoted) == profile {
			return name, true
		}
	}
	return "", false
}
