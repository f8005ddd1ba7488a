package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// proxyRefusal is a proxy's own answer to CONNECT.
type proxyRefusal struct {
	status int
	server string
}

func (e proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status))
}

// way is how git gets to CodeCommit: its proxy, its certificates.
type way struct {
	client *http.Client
	// proxy is shown; it has no password in it.
	proxy string
	err   error
}

// wayTo follows git: http.proxy, then curl's variables; GIT_SSL_CAINFO, then
// http.sslCAInfo, then the system's certificates.
func (e *Evidence) wayTo() way {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: short, MaxIdleConnsPerHost: 4,
		DialContext: (&net.Dialer{Timeout: short}).DialContext, ResponseHeaderTimeout: long,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode != http.StatusOK {
				return proxyRefusal{answer.StatusCode, answer.Header.Get("Server")}
			}
			return nil
		},
	}
	var w way
	if e.Git.Proxy != "" {
		address := e.Git.Proxy
		if !strings.Contains(address, "://") {
			address = "http://" + address // as curl reads it
		}
		proxy, err := url.Parse(address)
		if err != nil {
			w.err = errors.New("git's http.proxy is no URL")
			return w
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if request, err := http.NewRequest(http.MethodGet, e.Target.URL, nil); err == nil {
		if proxy, err := t.Proxy(request); err == nil && proxy != nil {
			w.proxy = proxy.Scheme + "://" + proxy.Host
		}
	}
	if w.err = e.trust(t); w.err != nil {
		return w
	}
	w.client = &http.Client{Transport: t, Timeout: long,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return w
}

// trust gives a transport the certificates that git trusts.
func (e *Evidence) trust(t *http.Transport) error {
	if e.Git.CAInfo == "" {
		return nil
	}
	text, err := os.ReadFile(e.Git.CAInfo)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(text) {
		return fmt.Errorf("there are no certificates in %s, which git is told to trust (http.sslCAInfo, GIT_SSL_CAINFO)", e.Git.CAInfo)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return nil
}
