package gittrace

import (
	"regexp"
	"strings"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// classify returns what a username is. The username itself is not kept.
func classify(user string) Authorization {
	_, ours := codecommit.AccessKeyID(user)
	switch {
	case user == "":
		return Empty
	case ours && (strings.HasPrefix(user, "ASIA") || strings.Contains(user, "%")):
		return TemporaryKey
	case ours:
		return LongTermKey
	case gitCredential().MatchString(user):
		return GitCredential
	}
	return OtherUser
}

var (
	gitCredential = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^.+-at-[0-9]{12}$`) })
	// userinfo is the name and the password before the host of a URL.
	userinfo = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://[^\s'"]*@`) })
	// accessKey is an access key id, with the session token that may follow.
	accessKey = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{8,124}(%\S*)?`) })
	// signature is a password of CodeCommit.
	signature = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[0-9]{8}T[0-9]{6}Z[0-9a-f]{64}`) })
	// secret may be a token, a password or a header: no word, host, path or hash
	// is so long without other characters in it.
	secret = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9+/=%]{65,}`) })
	// proxySyntax is curl's message for a proxy that it can't read. It quotes what
	// stands before a "#" or "?", which may be a name and a password.
	proxySyntax = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(Unsupported proxy syntax in) '.*'`) })
	// helperLine is a message that quotes a whole helper line.
	helperLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)(credential helper) '(.*)' `) })
)

// Redact removes what may be a secret from one of git's messages.
func Redact(text string) string {
	if parts := helperLine().FindStringSubmatch(text); parts != nil {
		text = strings.Replace(text, parts[2], programOf(strings.TrimPrefix(parts[2], "!")), 1)
	}
	text = proxySyntax().ReplaceAllString(text, "$1 '…'") // mutation: no proxy password of curl's message
	text = userinfo().ReplaceAllString(text, "://…@")
	text = accessKey().ReplaceAllString(text, "…")
	text = signature().ReplaceAllString(text, "…")
	return secret().ReplaceAllString(text, "…")
}
