package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// proxyRefusal is a proxy's own answer to CONNECT.
type proxyRefusal struct {
	status int
	server string
}

func (e proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status))
}

// readWay notes how git gets to CodeCommit: its proxy and its certificates.
// Those of a repository's own configuration are not trusted: whoever sent the
// repository could read along with a CA of their own.
func (p *Probe) readWay(settings []setting) {
	e := p.evidence
	p.proxy = forURL(settings, "proxy", e.Target.URL)
	if p.caInfo = p.Getenv("GIT_SSL_CAINFO"); p.caInfo == "" {
		theirs := slices.DeleteFunc(slices.Clone(settings), func(s setting) bool { return !s.own() })
		e.Git.OwnCAInfo = forURL(theirs, "sslcainfo", e.Target.URL)
		trusted := slices.DeleteFunc(slices.Clone(settings), setting.own) // mutation: doctor trusts no certificates that a repository brings
		p.caInfo = forURL(trusted, "sslcainfo", e.Target.URL)
	}
}

// wayTo returns a client that follows git, and the proxy as it may be shown, without
// a password: http.proxy, then curl's variables; GIT_SSL_CAINFO, then
// http.sslCAInfo, then the system's certificates.
func (p *Probe) wayTo() (client *http.Client, shown string, err error) {
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
	if p.proxy != "" {
		address := p.proxy
		if !strings.Contains(address, "://") {
			address = "http://" + address // as curl reads it
		}
		proxy, err := url.Parse(address)
		if err != nil {
			return nil, "", errors.New("git's http.proxy is no URL")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if request, err := http.NewRequest(http.MethodGet, p.evidence.Target.URL, nil); err == nil {
		if proxy, err := t.Proxy(request); err == nil && proxy != nil {
			shown = proxy.Scheme + "://" + proxy.Host
		}
	}
	if err := trust(t, p.caInfo); err != nil {
		return nil, shown, err
	}
	return &http.Client{Transport: t, Timeout: long,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, shown, nil
}

// trust gives a transport the certificates that git trusts.
func trust(t *http.Transport, file string) error {
	if file == "" {
		return nil
	}
	text, err := regularfile.Read(context.Background(), file)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(text) {
		return fmt.Errorf("there are no certificates in %s, which git is told to trust (http.sslCAInfo, GIT_SSL_CAINFO)", file)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return nil
}

// forURL returns the value of a setting of the section http for a URL.
func forURL(settings []setting, key, address string) string {
	s, _ := settingFor(settings, key, address)
	return s.value
}

// settingFor returns the setting of the section http that counts for a URL: the
// one whose label says most, and of these the last (git-config(1),
// http.<url>.*).
func settingFor(settings []setting, key, address string) (found setting, ok bool) {
	best := -1
	for _, s := range settings {
		rest, http := strings.CutPrefix(s.key, "http.")
		label, is := strings.CutSuffix(rest, key)
		if !http || !is || label != "" && !strings.HasSuffix(label, ".") {
			continue
		}
		label = strings.TrimSuffix(label, ".")
		if (label == "" || fits(label, address)) && len(label) >= best {
			found, ok, best = s, true, len(label)
		}
	}
	return found, ok
}

// isTrue is git's rule for booleans (git_parse_maybe_bool in parse.c), as far as
// people write them.
func isTrue(value string) bool {
	return slices.Contains([]string{"true", "yes", "on", "1"}, strings.ToLower(value))
}

// emptyAuth is where http.emptyAuth is switched on, "" if it is not.
func emptyAuth(settings []setting, address string) string {
	if s, ok := settingFor(settings, "emptyauth", address); ok && isTrue(s.value) {
		return s.name() + " (" + s.place() + ")"
	}
	return ""
}

// unverified is where git is told to check no certificate, "" if nowhere.
func (p *Probe) unverified() string {
	if p.Getenv("GIT_SSL_NO_VERIFY") != "" {
		return "GIT_SSL_NO_VERIFY (the environment)"
	}
	if s, ok := settingFor(p.settings, "sslverify", p.evidence.Target.URL); ok && !isTrue(s.value) {
		return s.name() + " (" + s.place() + ")"
	}
	return ""
}
