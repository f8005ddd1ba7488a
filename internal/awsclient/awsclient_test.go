package awsclient

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// emptyHome gives the SDK no files and no environment but what a test sets.
func emptyHome(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
}

func settings(region string) Settings {
	return Settings{Region: region, Trace: func(string, ...any) {},
		Way: Way{LookupEnv: func(string) (string, bool) { return "", false }, Git: func(context.Context) map[string]string { return nil }}}
}

// asked keeps the host that was asked for.
type asked struct{ host string }

func (a *asked) Do(r *http.Request) (*http.Response, error) {
	a.host = r.URL.Hostname()
	return nil, errors.New("no answer")
}

// TestNoCallToAnotherDomain: for a host of CodeCommit's, and for what only
// looks like one, STS is asked under the host's own domain or not at all.
func TestNoCallToAnotherDomain(t *testing.T) {
	emptyHome(t)
	for region, reached := range map[string]bool{
		"us-east-1": true, "eu-west-3": true, "cn-north-1": true, "us-gov-west-1": true, "eusc-de-east-1": true, "xy-nowhere-12": true, "mx-central-1": true,
		"us-iso-east-1": false, "us-isob-east-1": false, "us-isof-south-1": false, "eu-isoe-west-1": false,
		"eusc-fr-west-1": false, "cn-far-north-1": false,
		"fips-us-east-1": false, "us-fips-east-1": false,
	} {
		cfg, err := settings(region).Load(context.Background())
		if err == nil {
			var sent asked
			cfg.HTTPClient, cfg.Credentials = &sent, credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")
			_, _ = sts.NewFromConfig(cfg, func(o *sts.Options) { o.Retryer = aws.NopRetryer{} }).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
			if !strings.HasSuffix(sent.host, "."+codecommit.DNSSuffix(region)) {
				t.Errorf("%s: STS is asked at %s", region, sent.host)
			}
		}
		if _, hostErr := codecommit.ParseHost(codecommit.HostName(region)); (err == nil && hostErr == nil) != reached {
			t.Errorf("%s: %v, host: %v", region, err, hostErr)
		}
	}
}
