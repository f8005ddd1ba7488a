package awsclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestProxyURL(t *testing.T) {
	for setting, want := range map[string]string{
		"": "", "http://proxy:8080": "http://proxy:8080", "proxy:8080": "http://proxy:8080", "proxy": "http://proxy",
		"socks5h://[::1]:1080": "socks5h://[::1]:1080", "http://a:b%23@proxy": "http://a:b%23@proxy",
	} {
		proxy, err := proxyURL(setting)
		if err != nil || proxy == nil && want != "" || proxy != nil && proxy.String() != want {
			t.Errorf("%q: %v %v", setting, proxy, err)
		}
	}
	for _, setting := range []string{"http://a:SECRET#@proxy:8080", "http://a:SECRET%zz@proxy", "http://", ":8080", "http://:8080"} {
		if proxy, err := proxyURL(setting); !errors.Is(err, ErrProxySetting) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v %v", setting, proxy, err)
		}
	}
}

// A proxy that can't be read is not passed by: a code would go another way
// than the company's.
func TestUnreadableProxyIsNotPassedBy(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		way := Way{Getenv: func(asked string) string {
			if asked == name {
				return "http://a:SECRET%zz@proxy"
			}
			return ""
		}}
		_, err := Settings{Way: way}.Load(context.Background())
		if !errors.Is(err, ErrProxySetting) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProxyUnless(t *testing.T) {
	proxy := &url.URL{Scheme: "http", Host: "proxy"}
	request, err := http.NewRequest("GET", "https://sts.eu-west-1.amazonaws.com:443/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for list, want := range map[string]bool{
		"": true, "localhost, 127.0.0.1": true, "aws.com": true, "eu-west-1.amazonaws.com.cn": true, "x.sts.eu-west-1.amazonaws.com": true,
		"*": false, ".amazonaws.com": false, "a,AmazonAWS.com": false, "a sts.eu-west-1.amazonaws.com.": false,
	} {
		got, err := proxyUnless(list, proxy)(request)
		if err != nil || (got == proxy) != want {
			t.Errorf("%q: %v %v", list, got, err)
		}
	}
}
