package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
)

// proxyRefusal is an answer to CONNECT with which a proxy refuses.
type proxyRefusal struct {
	status int
	server string
}

func (e proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status))
}

// readWay notes the proxy and the certificates with which the first git reaches
// CodeCommit. Without a git only the environment counts. Certificates of a
// repository's own configuration are not trusted, because its author could then
// read what is sent.
func (p *Probe) readWay(gits []string) {
	e := p.evidence
	if len(gits) == 0 {
		p.way = awsclient.Way{AsGit: true, LookupEnv: p.lookupEnv, Git: func(context.Context) map[string]string { return nil }}
		return
	}
	git := p.git(gits[0])
	p.way = awsclient.Way{AsGit: true, LookupEnv: p.lookupEnv, Git: func(ctx context.Context) map[string]string {
		settings := git.URLValues(ctx, "http", e.Target.URL, false)
		trusted := git.URLValues(ctx, "http", e.Target.URL, true) // mutation: doctor trusts no certificates that a repository brings
		for _, key := range []string{"http.sslcainfo", "http.sslcapath"} {
			delete(settings, key)
			if value, ok := trusted[key]; ok {
				settings[key] = value
			}
		}
		for _, s := range p.settings { // remote.NAME.proxy overrides all others
			if s.Section == "remote" && s.Label == e.Target.Remote && s.Key == "proxy" && s.Labelled {
				settings["http.proxy"] = s.Value
			}
		}
		return settings
	}}
	if s, ok := gitconfig.ForURL(p.settings, "http", e.Target.URL).Get("sslcainfo"); ok && s.Own() && p.Getenv("GIT_SSL_CAINFO") == "" {
		e.Git.OwnCAInfo = s.Value
	}
}

// wayTo returns a client that uses git's proxy and certificates, and the proxy's
// address without a password.
func (p *Probe) wayTo(ctx context.Context) (client *http.Client, shown string, err error) {
	proxy, err := p.way.Proxy(ctx)
	if err != nil {
		return nil, "", err
	}
	t := &http.Transport{
		Proxy: proxy.For, TLSHandshakeTimeout: short, MaxIdleConnsPerHost: 4,
		DialContext: (&net.Dialer{Timeout: short}).DialContext, ResponseHeaderTimeout: long,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode != http.StatusOK {
				return proxyRefusal{answer.StatusCode, answer.Header.Get("Server")}
			}
			return nil
		},
	}
	if request, err := http.NewRequest(http.MethodGet, p.evidence.Target.URL, nil); err == nil {
		if used, err := t.Proxy(request); err == nil && used != nil {
			shown = used.Scheme + "://" + used.Host
		} else if proxy.URL != nil {
			p.evidence.Network.Direct = doctor.Problem{Text: "NO_PROXY excludes the host from the proxy of " + proxy.From,
				Fix: "take " + request.URL.Hostname() + ", or the domain that covers it, out of NO_PROXY and no_proxy"}
		} else if proxy.From != "" {
			p.evidence.Network.Direct = doctor.Problem{Text: proxy.From + " is empty, which means no proxy",
				Fix: "set it, or take it out: git config --show-origin --get-regexp " + p.evidence.System.Quote(`proxy$`)}
			if proxy.From != awsclient.GitProxy {
				p.evidence.Network.Direct.Fix = p.evidence.System.Unset(proxy.From)
			}
		}
	}
	roots, err := p.way.Roots(ctx)
	if err != nil {
		return nil, shown, err
	}
	if roots != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: t, Timeout: long,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, shown, nil
}
