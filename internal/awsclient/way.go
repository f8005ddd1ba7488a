package awsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Way is how a host of AWS is reached: by which proxy, and with which
// certificates. Both come from the environment and ~/.aws/config; where these
// say nothing, git's own settings for the CodeCommit URL serve, since behind a
// company's proxy git has been taught already.
type Way struct {
	Getenv func(string) string
	// CABundle is true when AWS's own settings name the certificates.
	CABundle bool
	// Git returns git's http settings for the URL: the keys in lower case, with
	// the section, as "http.proxy". It is called when they are needed.
	Git func(context.Context) map[string]string
}

// client returns the client that the SDK is to use.
func (w Way) client(ctx context.Context) (*awshttp.BuildableClient, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.OnProxyConnectResponse = proxyAnswer }) // mutation: fault: a proxy that refuses
	noProxy := true
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		// Go's client takes what it can't read for no proxy, and goes past it.
		proxy, err := proxyURL(w.Getenv(name))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		noProxy = noProxy && proxy == nil
	}
	if noProxy || !w.CABundle {
		settings := w.Git(ctx)
		if noProxy {
			proxy, err := proxyURL(settings["http.proxy"])
			if err != nil {
				return nil, fmt.Errorf("reading git's http.proxy: %w", err)
			}
			if proxy != nil {
				client = client.WithTransportOptions(func(tr *http.Transport) { tr.Proxy = proxyUnless(w.noProxyList(), proxy) })
			}
		}
		if roots := certificates(w.gitCAInfo(settings)); roots != nil && !w.CABundle {
			client = client.WithTransportOptions(func(tr *http.Transport) {
				if tr.TLSClientConfig == nil {
					tr.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
				}
				tr.TLSClientConfig.RootCAs = roots
			})
		}
	}
	return client, nil
}

// proxyAnswer keeps the refusal of a proxy apart from what AWS could say.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return ProxyRefusal(answer.StatusCode)
	}
	return nil
}

func (w Way) gitCAInfo(settings map[string]string) string {
	if file := w.Getenv("GIT_SSL_CAINFO"); file != "" {
		return file
	}
	return settings["http.sslcainfo"]
}

// ErrProxySetting is for a setting that can't be read as a proxy's address.
var ErrProxySetting = errors.New("it is no address of a proxy")

// proxyURL reads a proxy as curl does: without a scheme it is http. The error
// does not show the setting, which may hold a password.
func proxyURL(setting string) (*url.URL, error) {
	if setting == "" {
		return nil, nil
	}
	if !strings.Contains(setting, "://") {
		setting = "http://" + setting
	}
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" {
		return nil, ErrProxySetting
	}
	return u, nil
}

// noProxyList is curl's variable, which git looks at beside its http.proxy.
func (w Way) noProxyList() string {
	if list := w.Getenv("NO_PROXY"); list != "" {
		return list
	}
	return w.Getenv("no_proxy")
}

// proxyUnless returns a proxy for every host that a list does not exempt: names
// and the names below them, or * for all (CURLOPT_NOPROXY).
func proxyUnless(list string, proxy *url.URL) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		host := "." + strings.ToLower(r.URL.Hostname())
		for _, exempt := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
			if exempt == "*" || strings.HasSuffix(host, "."+strings.ToLower(strings.Trim(exempt, "."))) {
				return nil, nil
			}
		}
		return proxy, nil
	}
}

// certificates reads a PEM bundle, or returns nil.
func certificates(file string) *x509.CertPool {
	if file == "" {
		return nil
	}
	text, err := regularfile.Read(context.Background(), file)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(text) {
		return nil
	}
	return roots
}
