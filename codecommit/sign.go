package codecommit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Validity is how long CodeCommit takes a password after the time in it
// (AWS CodeCommit User Guide, "Setup steps for HTTPS connections ... with the
// AWS CLI credential helper": about 15 minutes).
const Validity = 15 * time.Minute

// Keys are an access key, with the session token if it is a session's.
type Keys struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Sign returns the username and the password that let git read and write one
// repository of a host for about 15 minutes from t.
//
// AWS publishes no description; the AWS CLI's own code
// (awscli/customizations/codecommit.py) is the reference, and its output the
// test vectors. It is Signature Version 4 with three oddities: the method is
// the word GIT, the canonical request ends after the signed headers, without
// the hash of a payload, and the time has no Z in it, but in the password.
// The SDK's signer can't be used: it adds X-Amz-* headers. The session token
// is not signed; it travels in the username, after a percent sign.
func Sign(c Keys, h Host, repository string, t time.Time) (username, password string) {
	stamp := t.UTC().Format("20060102T150405")
	date := stamp[:8]
	canonical := "GIT\n/v1/repos/" + repository + "\n\nhost:" + h.Name + "\n\nhost\n"
	digest := sha256.Sum256([]byte(canonical))
	scope := date + "/" + h.Region + "/codecommit/aws4_request"
	toSign := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(digest[:])

	key := []byte("AWS4" + c.SecretAccessKey)
	for _, part := range []string{date, h.Region, "codecommit", "aws4_request", toSign} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	username = c.AccessKeyID
	if c.SessionToken != "" {
		username += "%" + c.SessionToken
	}
	return username, stamp + "Z" + hex.EncodeToString(key)
}
