package codecommit

import "strings"

// AccessKeyID returns the access key id of a username that Sign gives: AKIA or
// ASIA and more, alone or before a percent sign and a session token. ok is
// false for every other username, as that of a static Git credential
// (NAME-at-123456789012), which is the user's own choice.
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
