package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// awsClient is the client that AWS is asked with. Proxy and certificates come
// from the environment and ~/.aws/config; where these say nothing, git's own
// settings for the CodeCommit URL serve, since behind a company's proxy git
// has been taught already.
func (p *program) awsClient(ctx context.Context, source session.Source, t target) (*awshttp.BuildableClient, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.OnProxyConnectResponse = proxyAnswer }) // mutation: fault: a proxy that refuses
	noProxy := true
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		// Go's client takes what it can't read for no proxy, and goes past it.
		proxy, err := proxyURL(p.Getenv(name))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		noProxy = noProxy && proxy == nil
	}
	if noProxy || !source.CABundle {
		settings := gitconfig.URLValues(ctx, "http", t.url, t.byHand || t.bySDK)
		if noProxy {
			proxy, err := proxyURL(settings["http.proxy"])
			if err != nil {
				return nil, fmt.Errorf("reading git's http.proxy: %w", err)
			}
			if proxy != nil {
				client = client.WithTransportOptions(func(tr *http.Transport) { tr.Proxy = proxyUnless(p.noProxyList(), proxy) })
			}
		}
		if roots := certificates(p.gitCAInfo(settings)); roots != nil && !source.CABundle {
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

// awsConfig loads the SDK's configuration.
func (p *program) awsConfig(ctx context.Context, source session.Source, t target) (aws.Config, error) {
	client, err := p.awsClient(ctx, source, t)
	if err != nil {
		return aws.Config{}, err
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(t.region), config.WithHTTPClient(client),
		config.WithLogger(logging.LoggerFunc(func(_ logging.Classification, format string, args ...any) { p.trace("SDK: "+format, args...) }))}
	if len(source.Roles) > 0 {
		// The roles are session's: the SDK is asked for what they begin with.
		base := append(slices.Clone(options), config.WithSharedConfigProfile(source.Base))
		options = append(options, config.WithCredentialsProvider(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			cfg, err := loadConfig(ctx, source.Base, base)
			if err != nil || cfg.Credentials == nil {
				return aws.Credentials{}, err
			}
			return cfg.Credentials.Retrieve(ctx)
		})))
	}
	if source.Explicit {
		options = append(options, config.WithSharedConfigProfile(source.Profile))
	}
	return loadConfig(ctx, source.Profile, options)
}

// errCABundle is for certificates that can't be read. The SDK opens no other
// file here: what the profile says was read before.
var errCABundle = errors.New("reading the certificates of AWS_CA_BUNDLE, or of ca_bundle")

func loadConfig(ctx context.Context, profile string, options []func(*config.LoadOptions) error) (aws.Config, error) {
	cfg, err := session.InTime(ctx, func() (aws.Config, error) { return config.LoadDefaultConfig(ctx, options...) })
	var noCode config.AssumeRoleTokenProviderNotSetError
	if errors.As(err, &noCode) {
		err = session.ErrRoleSource
	}
	var file *fs.PathError
	if errors.As(err, &file) || errors.Is(err, session.ErrFileWaits) || err != nil && strings.Contains(err.Error(), "CA bundle") {
		err = fmt.Errorf("%w: %v", errCABundle, err) // its hint, not that of the cause
	}
	if err != nil {
		return cfg, fmt.Errorf("profile %q: %w", profile, err)
	}
	cfg.HTTPClient = bounded{cfg.HTTPClient}
	return cfg, nil
}

// proxyAnswer keeps the refusal of a proxy apart from what AWS could say.
func proxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return session.ProxyRefusal(answer.Status)
	}
	return nil
}

func (p *program) gitCAInfo(settings map[string]string) string {
	if file := p.Getenv("GIT_SSL_CAINFO"); file != "" {
		return file
	}
	return settings["http.sslcainfo"]
}

var errProxy = errors.New("it is no address of a proxy")

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
		return nil, errProxy
	}
	return u, nil
}

// noProxyList is curl's variable, which git looks at beside its http.proxy.
func (p *program) noProxyList() string {
	if list := p.Getenv("NO_PROXY"); list != "" {
		return list
	}
	return p.Getenv("no_proxy")
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
	text, err := session.ReadFile(file)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(text) {
		return nil
	}
	return roots
}

// maxBody is more than any answer that is of use here.
const maxBody = 1 << 20

// bounded is a client that reads no answer without end: a proxy may be an
// attacker's, and the SDK keeps what it reads in memory.
type bounded struct{ aws.HTTPClient }

func (b bounded) Do(r *http.Request) (*http.Response, error) {
	resp, err := b.HTTPClient.Do(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxBody), resp.Body}
	}
	return resp, err
}
