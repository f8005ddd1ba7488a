package sandbox

import (
	"net/http"
	"slices"
	"testing"
)

func TestParseHost(t *testing.T) {
	for host, want := range map[string]place{
		"sts.us-east-1.amazonaws.com":                           {STS, "us-east-1", "aws"},
		"STS.us-east-1.amazonaws.com":                           {STS, "us-east-1", "aws"},
		"sts-fips.us-west-2.amazonaws.com":                      {STS, "us-west-2", "aws"},
		"sts.amazonaws.com":                                     {STS, "us-east-1", "aws"},
		"sts.cn-north-1.amazonaws.com.cn":                       {STS, "cn-north-1", "aws-cn"},
		"sts.eusc-de-east-1.amazonaws.eu":                       {STS, "eusc-de-east-1", "aws-eusc"},
		"iam.amazonaws.com":                                     {IAM, "us-east-1", "aws"},
		"iam.us-gov.amazonaws.com":                              {IAM, "us-gov-west-1", "aws-us-gov"},
		"iam.cn-north-1.amazonaws.com.cn":                       {IAM, "cn-north-1", "aws-cn"},
		"codecommit.eu-west-1.amazonaws.com":                    {CodeAPI, "eu-west-1", "aws"},
		"git-codecommit-fips.us-gov-west-1.amazonaws.com":       {Git, "us-gov-west-1", "aws-us-gov"},
		"vpce-0a-b.git-codecommit.x-y-1.vpce.amazonaws.com":     {},
		"vpce-0a-b.git-codecommit.us-east-1.vpce.amazonaws.com": {Git, "us-east-1", "aws"},
		"git-codecommit.us-east-1.vpce.amazonaws.com":           {},
		"vpce-0a-b.git-codecommit.us-east-1.amazonaws.com":      {},
		"git-codecommit.amazonaws.com":                          {},
		"git-codecommit.us-east-1.amazonaws.com.cn":             {},
		"git-codecommit.us-east-1.amazonaws.com.evil.example":   {},
		"s3.us-east-1.amazonaws.com":                            {},
		"127.0.0.1":                                             {},
	} {
		got, known := parseHost(host)
		if known != (want != place{}) || known && got != want {
			t.Errorf("parseHost(%q) = %v, %v; want %v", host, got, known, want)
		}
	}
}

func TestProxyRefusesStrangers(t *testing.T) {
	w, _, _ := start(t)
	client := w.HTTPClient()
	for _, url := range []string{
		"https://example.com/", "http://sts.us-east-1.amazonaws.com/", "https://sts.us-east-1.amazonaws.com:8443/",
		"https://git-codecommit.us-east-1.amazonaws.com.evil.example/", "https://169.254.169.254/",
	} {
		response, err := client.Get(url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s", url, response.Status)
			}
		}
	}
	want := []string{"example.com:443", "sts.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com:8443",
		"git-codecommit.us-east-1.amazonaws.com.evil.example:443", "169.254.169.254:443"}
	if got := w.Refused(); !slices.Equal(got, want) {
		t.Errorf("refused %q, want %q", got, want)
	}
	if got := w.Requests(); len(got) != 0 {
		t.Errorf("requests got through: %v", got)
	}
}

func TestHostInTunnelMustMatch(t *testing.T) {
	w, _, _ := start(t)
	request, _ := http.NewRequest("GET", "https://sts.us-east-1.amazonaws.com/", nil)
	request.Host = "iam.amazonaws.com"
	response, err := w.HTTPClient().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMisdirectedRequest {
		t.Error(response.Status)
	}
}
