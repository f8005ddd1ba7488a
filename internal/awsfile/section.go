// Package awsfile reads and edits the two AWS files, ~/.aws/config and
// ~/.aws/credentials, by the rules of the AWS SDK for Go
// (aws-sdk-go-v2/config), and says where each value stands and what the SDK
// reads otherwise than its writer meant. It runs nothing, and knows the
// environment only by the function that it is given.
package awsfile

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// DefaultProfile is the profile that counts where none is named.
const DefaultProfile = "default"

// What the sections of ~/.aws/config begin with that count; the others but
// [default] do not.
const (
	profilePrefix  = "profile "
	sessionPrefix  = "sso-session "
	servicesPrefix = "services "
)

// unquoted is a name without its quotes, as the AWS CLI reads it.
func unquoted(name string) string {
	if words, err := shell.Split(name); err == nil && len(words) == 1 && strings.ContainsAny(name, `'"`) {
		return words[0]
	}
	return name
}

// configSection is the section of config for a profile, among those of these names.
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
