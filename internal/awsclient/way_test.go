package awsclient

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
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
		way := Way{LookupEnv: func(asked string) (string, bool) {
			if asked == name {
				return "http://a:SECRET%zz@proxy", true
			}
			return "", false
		}}
		_, err := Settings{Way: way}.Load(context.Background())
		if !errors.Is(err, ErrProxySetting) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExempt(t *testing.T) {
	for list, want := range map[string]bool{
		"": false, "localhost, 127.0.0.1": false, "aws.com": false, "eu-west-1.amazonaws.com.cn": false, "x.sts.eu-west-1.amazonaws.com": false,
		"*": true, "a,*": false, "*.amazonaws.com": false, ".amazonaws.com": true, "a,AmazonAWS.com": true, "a sts.eu-west-1.amazonaws.com.": true,
	} {
		if got := exempt(list, "sts.eu-west-1.amazonaws.com"); got != want {
			t.Errorf("%q: %v", list, got)
		}
	}
}

// The certificates are those of git's settings: a file in the place of the
// system's, a folder beside them.
func TestRoots(t *testing.T) {
	dir := t.TempDir()
	server := httptest.NewTLSServer(nil)
	server.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, text := range map[string][]byte{"ca.pem": certificate, "folder/0123abcd.0": certificate, "other/named.pem": certificate, "empty.pem": []byte("x")} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name          string
		env, settings map[string]string
		trusted, fail bool
	}{
		{"nothing", nil, nil, false, false},
		{"http.sslCAInfo", nil, map[string]string{"http.sslcainfo": "ca.pem"}, true, false},
		{"GIT_SSL_CAINFO wins", map[string]string{"GIT_SSL_CAINFO": "ca.pem"}, map[string]string{"http.sslcainfo": "lost"}, true, false},
		{"http.sslCAPath", nil, map[string]string{"http.sslcapath": "folder"}, true, false},
		{"GIT_SSL_CAPATH", map[string]string{"GIT_SSL_CAPATH": "folder"}, nil, true, false},
		{"a name that only GnuTLS looks for", nil, map[string]string{"http.sslcapath": "other"}, true, false},
		{"lost", nil, map[string]string{"http.sslcainfo": "lost"}, false, true},
		{"no certificates", nil, map[string]string{"http.sslcainfo": "empty.pem"}, false, true},
	} {
		in := func(values map[string]string) map[string]string {
			there := map[string]string{}
			for key, name := range values {
				there[key] = filepath.Join(dir, name)
			}
			return there
		}
		env := in(c.env)
		way := Way{LookupEnv: func(name string) (string, bool) { value, set := env[name]; return value, set }, Git: func(context.Context) map[string]string { return in(c.settings) }}
		roots, err := way.Roots(context.Background())
		trusted := false
		if roots != nil {
			_, verifyErr := server.Certificate().Verify(x509.VerifyOptions{Roots: roots, DNSName: "example.com"})
			trusted = verifyErr == nil
		}
		if trusted != c.trusted || (err != nil) != c.fail {
			t.Errorf("%s: %v %v", c.name, trusted, err)
		}
	}
}
