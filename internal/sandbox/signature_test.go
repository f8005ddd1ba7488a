package sandbox

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// A vector is a signature that the AWS CLI's credential helper computed.
type vector struct {
	Name, Host, Path, Region, Password string
	SecretKey                          string    `json:"secret_key"`
	Time                               time.Time `json:"time_utc"`
}

var vectors = []vector{
	{"plain", "git-codecommit.us-east-1.amazonaws.com", "v1/repos/myrepo", "us-east-1",
		"20240229T235959Z0f5d96b9a58e6b4df82d953949632d7661f4917ad258b9279997df5534d36434",
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC)},
	{"China", "git-codecommit.cn-northwest-1.amazonaws.com.cn", "v1/repos/myrepo", "cn-northwest-1",
		"20240229T235959Z7685bba4f64c3104c0da6b80abf467616e280b0ea7e9b2e078dd0d846c9df7f1",
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC)},
	{"VPC endpoint", "vpce-0123456789abcdef0-abcdefgh.git-codecommit.us-east-1.vpce.amazonaws.com", "v1/repos/myrepo", "us-east-1",
		"20240229T235959Z9ea2e71aec9f2e0d9c8fec2876430abb9cf5b01e7b1cf17b786c9ebbb8602d39",
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC)},
}

// GIT_CREDENTIAL_MFA_VECTORS may name a file with more vectors.
func TestGitSignature(t *testing.T) {
	all := vectors
	if file := os.Getenv("GIT_CREDENTIAL_MFA_VECTORS"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var more []vector
		if err := json.Unmarshal(text, &more); err != nil || len(more) == 0 {
			t.Fatalf("%d vectors: %v", len(more), err)
		}
		all = append(all, more...)
	}
	for _, v := range all {
		at, signature, ok := parseGitPassword(v.Password)
		got := gitSignature(v.SecretKey, hostWithoutPort(v.Host), "/"+v.Path, v.Region, at)
		if !ok || !at.Equal(v.Time) || got != signature {
			t.Errorf("%s: %v %v, signature %s, want %s", v.Name, ok, at, got, signature)
		}
		if gitSignature(v.SecretKey+"x", hostWithoutPort(v.Host), "/"+v.Path, v.Region, at) == signature {
			t.Errorf("%s: another secret signs the same", v.Name)
		}
	}
}

func TestParseGitPassword(t *testing.T) {
	good := vectors[0].Password
	for _, bad := range []string{"", good[1:], good + "0", strings.Replace(good, "Z", "z", 1), "20241329T235959Z" + good[16:]} {
		if _, _, ok := parseGitPassword(bad); ok {
			t.Errorf("%q is taken for a signature", bad)
		}
	}
}

// AWS's own examples: get-vanilla and get-vanilla-query-order-key-case of the
// aws-sig-v4-test-suite, and ListUsers of the signing documentation.
func TestHeaderSignature(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	for _, v := range []struct{ url, contentType, authorization string }{
		{"https://example.amazonaws.com/", "", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"https://example.amazonaws.com/?Param2=value2&Param1=value1", "", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", "application/x-www-form-urlencoded; charset=utf-8", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
	} {
		r, _ := http.NewRequest("GET", v.url, nil)
		r.Header.Set("X-Amz-Date", "20150830T123600Z")
		if v.contentType != "" {
			r.Header.Set("Content-Type", v.contentType)
		}
		sc, ok := parseAuthorization(v.authorization)
		if got := headerSignature(secret, r, nil, sc); !ok || got != sc.signature {
			t.Errorf("%s: %v, signature %s, want %s", v.url, ok, got, sc.signature)
		}
		if headerSignature(secret, r, []byte("x"), sc) == sc.signature {
			t.Errorf("%s: the body is not signed", v.url)
		}
	}
}

func TestParseAuthorization(t *testing.T) {
	for _, bad := range []string{"", "Basic eA==", "AWS4-HMAC-SHA256 Credential=A/b/c/d/aws4_request, SignedHeaders=host",
		"AWS4-HMAC-SHA256 Credential=A/b/c/aws4_request, SignedHeaders=host, Signature=0"} {
		if _, ok := parseAuthorization(bad); ok {
			t.Errorf("%q is taken for a signature", bad)
		}
	}
}
