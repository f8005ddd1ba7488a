package awsclient

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// Way is how a host is reached: through which proxy, and with which certificates.
// For AWS, the environment and ~/.aws/config have precedence over git's settings
// for the CodeCommit URL, which are used because behind a company's proxy git is
// usually configured already. All are read by the rules of git (http.c) and curl,
// so that doctor, which goes git's way, gets the same result.
type Way struct {
	// LookupEnv returns a variable of the environment, and whether it is set.
	LookupEnv func(name string) (value string, set bool)
	// CABundle is the file of certificates that AWS's own settings name, or "".
	CABundle awsfile.Value
	// Git returns git's http settings for the URL, with paths expanded. The keys
	// are in lower case, with the section: "http.proxy".
	Git func(context.Context) map[string]string
	// AsGit is true for requests like git's own: git's settings then have
	// precedence over the environment, and AWS's certificates do not count.
	AsGit bool
}

// client returns the HTTP client for the SDK.
func (w Way) client(ctx context.Context) (*awshttp.BuildableClient, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.OnProxyConnectResponse = proxyAnswer }) // mutation: fault: a proxy that refuses
	// A connection is idle while a person types. After a longer time it may be
	// dead, and the code would be lost on it.
	client = client.WithTransportOptions(func(tr *http.Transport) { tr.IdleConnTimeout = maxIdle })
	w = w.once()
	proxy, err := w.Proxy(ctx)
	if err != nil {
		return nil, err
	}
	client = client.WithTransportOptions(func(tr *http.Transport) { tr.Proxy = proxy.For })
	if w.CABundle.Text != "" {
		return client, nil
	}
	roots, err := w.Roots(ctx)
	if err != nil || roots == nil {
		return client, nil // with the system's certificates
	}
	return client.WithTransportOptions(func(tr *http.Transport) {
		if tr.TLSClientConfig == nil {
			tr.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		tr.TLSClientConfig.RootCAs = roots
	}), nil
}

// maxIdle is shorter than the time for which servers and proxies keep an idle
// connection, usually a minute.
const maxIdle = 20 * time.Second

// once returns a Way that calls Git only once.
func (w Way) once() Way {
	git := w.Git
	var settings map[string]string
	w.Git = func(ctx context.Context) map[string]string {
		if settings == nil {
			settings = git(ctx)
		}
		return settings
	}
	return w
}

// Proxy is the proxy of a way.
type Proxy struct {
	// URL is nil if there is no proxy. It may contain a password.
	URL *url.URL
	// From is the variable or the setting that names it.
	From string
	// Exempt lists the hosts that do not go through the proxy (NO_PROXY).
	Exempt string
}

// GitProxy is the Proxy.From of a proxy that git's configuration names.
const GitProxy = "git's http.proxy"

// Proxy returns the proxy of the way. The error is ErrProxySetting, with the name
// of the setting.
func (w Way) Proxy(ctx context.Context) (Proxy, error) {
	var p Proxy
	p.Exempt, _ = w.either("no_proxy")
	for _, source := range w.proxySources() {
		setting, from := source(ctx)
		if from == "" {
			continue
		}
		proxy, err := proxyURL(setting)
		if err != nil {
			return p, fmt.Errorf("reading %s: %w", from, err)
		}
		p.URL, p.From = proxy, from
		return p, nil
	}
	return p, nil
}

// proxySources returns the settings in the order of their precedence. The first
// one that is set counts; an empty http.proxy means no proxy.
func (w Way) proxySources() []func(context.Context) (setting, from string) {
	variable := func(name string) func(context.Context) (string, string) {
		return func(context.Context) (string, string) { return w.either(name) }
	}
	git := func(ctx context.Context) (string, string) {
		if setting, ok := w.Git(ctx)["http.proxy"]; ok {
			return setting, GitProxy
		}
		return "", ""
	}
	if w.AsGit {
		return []func(context.Context) (string, string){git, variable("https_proxy"), variable("all_proxy")}
	}
	return []func(context.Context) (string, string){variable("https_proxy"), git, variable("all_proxy")}
}

// either returns the value of a variable, and the name under which it is set: in
// lower case, or else in upper case. This is the order of git, curl and Python,
// but not Go's. git takes an empty variable for a value, "no proxy" (var_override
// in http.c); to AWS's SDKs it says nothing.
func (w Way) either(name string) (value, from string) {
	for _, name := range []string{name, strings.ToUpper(name)} {
		if value, set := w.LookupEnv(name); value != "" || set && w.AsGit {
			return value, name
		}
	}
	return "", ""
}

// getenv returns a variable of the environment, or "".
func (w Way) getenv(name string) string {
	value, _ := w.LookupEnv(name)
	return value
}

// For returns the proxy for a request, for http.Transport. Requests over http go
// to services of this machine, or to a cloud's metadata service.
func (p Proxy) For(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return http.ProxyFromEnvironment(r)
	}
	if p.URL == nil || exempt(p.Exempt, r.URL.Hostname()) { // mutation: NO_PROXY is for git's http.proxy too
		return nil, nil
	}
	return p.URL, nil
}

// Roots returns the certificates that git is configured to trust (http.sslCAInfo,
// http.sslCAPath, GIT_SSL_CAINFO, GIT_SSL_CAPATH), or nil for the system's. Those
// of a folder are trusted in addition to the system's. The error names the file
// that could not be read.
func (w Way) Roots(ctx context.Context) (*x509.CertPool, error) {
	settings := w.Git(ctx)
	file := cmp.Or(w.getenv("GIT_SSL_CAINFO"), settings["http.sslcainfo"])
	folder := cmp.Or(w.getenv("GIT_SSL_CAPATH"), settings["http.sslcapath"])
	if file == "" && folder == "" {
		return nil, nil
	}
	roots := x509.NewCertPool()
	if file != "" {
		if err := addCertificates(ctx, roots, file); err != nil {
			return nil, err
		}
	} else if system, err := x509.SystemCertPool(); err == nil {
		roots = system
	}
	if folder != "" {
		// A folder that does not exist is no error for OpenSSL either. GnuTLS reads
		// all its files, OpenSSL those named by their hash (openssl-rehash(1)).
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			_ = addCertificates(ctx, roots, filepath.Join(folder, entry.Name()))
		}
	}
	return roots, nil
}

func addCertificates(ctx context.Context, roots *x509.CertPool, file string) error {
	text, err := regularfile.Read(ctx, file)
	if err == nil && !roots.AppendCertsFromPEM(text) {
		err = errors.New("no certificates in PEM")
	}
	if err != nil {
		return fmt.Errorf("reading the certificates of %s, which git is told to trust (http.sslCAInfo, GIT_SSL_CAINFO): %w", file, err)
	}
	return nil
}

// proxyAnswer returns the refusal of a proxy as an error of its own.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return ProxyRefusal(answer.StatusCode)
	}
	return nil
}

// ErrProxySetting is for a setting that is not the address of a proxy.
var ErrProxySetting = errors.New("not the address of a proxy")

// proxyURL parses a proxy as curl does: http is the default scheme. The error does
// not show the setting, which may contain a password.
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

// exempt reports whether a list contains a host, or a domain above it, with or
// without a leading dot. "*" alone is every host; "*." has no meaning
// (Curl_check_noproxy in curl's lib/noproxy.c).
func exempt(list, host string) bool {
	if list == "*" {
		return true
	}
	host = "." + strings.ToLower(strings.TrimSuffix(host, "."))
	for _, name := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' }) {
		name = strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(name), "."), ".")
		if name != "" && strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	return false
}
