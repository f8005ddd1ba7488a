package codecommit

import "strings"

// AccessKeyID returns the access key id in a username of Sign: it begins with
// AKIA or ASIA, and stands alone or before a percent sign and a session token.
// ok is false for all other usernames, such as a Git credential's
// (NAME-at-123456789012).
func AccessKeyID(username string) (id string, ok bool) {
	id, _, _ = strings.Cut(username, "%")
	if !strings.HasPrefix(id, "AKIA") && !strings.HasPrefix(id, "ASIA") {
		return "", false
	}
	rest := id[len("AKIA"):]
	if !of(uppercase+digits, rest) {
		return "", false
	}
	return id, true
}
