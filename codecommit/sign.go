package codecommit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Validity is how long CodeCommit accepts a password after the time in it (AWS
// CodeCommit User Guide, "Setup steps for HTTPS connections ... with the AWS CLI
// credential helper": about 15 minutes).
const Validity = 15 * time.Minute

// Keys are an access key, and its session token if it is temporary.
type Keys struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Sign returns the username and password for one repository of a host. They are
// valid from t for about 15 minutes.
//
// AWS does not document the signature. The reference is the AWS CLI's code
// (awscli/customizations/codecommit.py), and its output are the test vectors. It
// is Signature Version 4 with three peculiarities: the method is GIT; the
// canonical request ends after the signed headers, without a payload hash; and
// the signed time has no Z, but the password's has. The SDK's signer adds
// X-Amz-* headers, so it can't be used. The session token is not signed; it is
// part of the username, after a percent sign.
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
