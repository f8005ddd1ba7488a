package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This verifies Signature Version 4. It shares no code with the signer, because
// it would share the signer's mistakes too.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

const (
	algorithm = "AWS4-HMAC-SHA256"
	stampForm = "20060102T150405Z" // of X-Amz-Date
	gitStamp  = "20060102T150405"  // CodeCommit signs without the Z
)

// A scope is the content of an Authorization header.
type scope struct {
	keyID, date, region, service string
	signedHeaders                []string
	signature                    string
}

// parseAuthorization reads an Authorization header.
func parseAuthorization(header string) (scope, bool) {
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	field := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		field[name] = value
	}
	credential := strings.Split(field["Credential"], "/")
	if !ok || len(credential) != 5 || credential[4] != "aws4_request" ||
		field["SignedHeaders"] == "" || field["Signature"] == "" {
		return scope{}, false
	}
	return scope{
		keyID: credential[0], date: credential[1], region: credential[2], service: credential[3],
		signedHeaders: strings.Split(field["SignedHeaders"], ";"),
		signature:     field["Signature"],
	}, true
}

// headerSignature returns the signature that a request should have.
func headerSignature(secret string, r *http.Request, body []byte, sc scope) string {
	var headers strings.Builder
	for _, name := range sc.signedHeaders {
		values := slices.Clone(r.Header.Values(name))
		switch name { // net/http does not keep these two in Header
		case "host":
			values = []string{r.Host}
		case "content-length":
			values = []string{strconv.FormatInt(r.ContentLength, 10)}
		}
		for i, v := range values {
			values[i] = strings.Join(strings.Fields(v), " ")
		}
		headers.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	canonical := strings.Join([]string{r.Method, path, canonicalQuery(r.URL.Query()), headers.String(),
		strings.Join(sc.signedHeaders, ";"), hexSHA256(body)}, "\n")
	return sign(secret, r.Header.Get("X-Amz-Date"), sc, canonical)
}

// canonicalQuery sorts by name and value and encodes a space as %20.
func canonicalQuery(query url.Values) string {
	for _, values := range query {
		slices.Sort(values)
	}
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// gitSignature returns the signature in CodeCommit's password. It differs from
// other signatures: method GIT, no query, one header, no payload hash, and a time
// without Z.
// https://github.com/aws/aws-cli/blob/develop/awscli/customizations/codecommit.py
func gitSignature(secret, host, path, region string, at time.Time) string {
	stamp := at.Format(gitStamp)
	canonical := "GIT\n" + path + "\n\nhost:" + host + "\n\nhost\n"
	return sign(secret, stamp, scope{date: stamp[:8], region: region, service: "codecommit"}, canonical)
}

// sign derives the day's key and signs the hash of a canonical request.
func sign(secret, stamp string, sc scope, canonical string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{sc.date, sc.region, sc.service, "aws4_request"} {
		key = hmacSHA256(key, part)
	}
	text := strings.Join([]string{algorithm, stamp,
		strings.Join([]string{sc.date, sc.region, sc.service, "aws4_request"}, "/"),
		hexSHA256([]byte(canonical))}, "\n")
	return hex.EncodeToString(hmacSHA256(key, text))
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexSHA256(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// parseGitPassword splits CodeCommit's password into time and signature.
func parseGitPassword(password string) (at time.Time, signature string, ok bool) {
	if len(password) != len(stampForm)+2*sha256.Size {
		return time.Time{}, "", false
	}
	at, err := time.Parse(stampForm, password[:len(stampForm)])
	return at, password[len(stampForm):], err == nil
}
