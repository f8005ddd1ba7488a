package session

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
)

// hosts notes whom a client turns to, and lets it reach nobody.
type hosts []string

func (h *hosts) Do(r *http.Request) (*http.Response, error) {
	*h = append(*h, r.URL.Host)
	return nil, errors.New("unreachable")
}

// asked returns the hosts that a provider turns to for a device, a session and
// a role.
func asked(t *testing.T, region string, fips bool) []string {
	t.Helper()
	var seen hosts
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(region), config.WithHTTPClient(&seen),
		config.WithCredentialsProvider(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "s"}, nil
		})), config.WithRetryMaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{Region: region, FIPS: fips, Duration: time.Hour, Trace: func(string, ...any) {},
		Config: func(context.Context) (aws.Config, error) { return cfg, nil },
		Source: Source{Roles: []awssource.Role{{ARN: "arn:aws:iam::1:role/r", Duration: time.Hour}}}}
	x := exchange{Provider: p}
	if _, err := x.listDevices(t.Context(), cfg); err == nil {
		t.Error("IAM answered")
	}
	if _, _, err := p.getSessionToken(t.Context(), p.newSTS(cfg), "arn:aws:iam::1:mfa/x", "123456"); err == nil {
		t.Error("STS answered")
	}
	if _, err := p.askForRole(t.Context(), p.newSTS(cfg), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::1:role/r"), RoleSessionName: aws.String("me")}); err == nil {
		t.Error("STS answered")
	}
	return seen
}

// STS is asked at the region's own endpoint, in its partition; for a FIPS host
// at the FIPS endpoint, and never at another one (AWS General Reference, "AWS
// STS endpoints"). GovCloud's regional endpoints are FIPS ones.
func TestEndpoints(t *testing.T) {
	awsFiles(t, "", "")
	for _, c := range []struct {
		region         string
		fips           bool
		iam, endpoints string
	}{
		{"us-east-1", false, "iam.amazonaws.com", "sts.us-east-1.amazonaws.com"},
		{"us-east-1", true, "iam-fips.amazonaws.com", "sts-fips.us-east-1.amazonaws.com"},
		{"us-west-2", true, "iam-fips.amazonaws.com", "sts-fips.us-west-2.amazonaws.com"},
		{"ca-central-1", true, "iam-fips.amazonaws.com", "sts-fips.ca-central-1.amazonaws.com"},
		{"eu-west-1", false, "iam.amazonaws.com", "sts.eu-west-1.amazonaws.com"},
		{"af-south-1", false, "iam.amazonaws.com", "sts.af-south-1.amazonaws.com"},
		{"il-central-1", false, "iam.amazonaws.com", "sts.il-central-1.amazonaws.com"},
		{"cn-north-1", false, "iam.cn-north-1.amazonaws.com.cn", "sts.cn-north-1.amazonaws.com.cn"},
		{"cn-northwest-1", false, "iam.cn-north-1.amazonaws.com.cn", "sts.cn-northwest-1.amazonaws.com.cn"},
		{"us-gov-west-1", false, "iam.us-gov.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"},
		{"us-gov-west-1", true, "iam.us-gov.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"},
		{"us-gov-east-1", true, "iam.us-gov.amazonaws.com", "sts.us-gov-east-1.amazonaws.com"},
		{"eusc-de-east-1", false, "iam.eusc-de-east-1.amazonaws.eu", "sts.eusc-de-east-1.amazonaws.eu"},
		// Regions that do not exist yet.
		{"eu-nowhere-9", false, "iam.amazonaws.com", "sts.eu-nowhere-9.amazonaws.com"},
		{"xy-nowhere-1", false, "iam.amazonaws.com", "sts.xy-nowhere-1.amazonaws.com"},
		{"cn-nowhere-1", false, "iam.cn-north-1.amazonaws.com.cn", "sts.cn-nowhere-1.amazonaws.com.cn"},
		{"us-gov-nowhere-1", false, "iam.us-gov.amazonaws.com", "sts.us-gov-nowhere-1.amazonaws.com"},
	} {
		if got := asked(t, c.region, c.fips); !slices.Equal(got, []string{c.iam, c.endpoints, c.endpoints}) {
			t.Errorf("%s, FIPS %v: %v", c.region, c.fips, got)
		}
	}
	t.Setenv("AWS_USE_FIPS_ENDPOINT", "true")
	if got := asked(t, "us-east-2", false); !slices.Equal(got, []string{"iam-fips.amazonaws.com", "sts-fips.us-east-2.amazonaws.com", "sts-fips.us-east-2.amazonaws.com"}) {
		t.Errorf("AWS_USE_FIPS_ENDPOINT: %v", got)
	}
	// A FIPS host is one, whatever the environment says.
	t.Setenv("AWS_USE_FIPS_ENDPOINT", "false")
	if got := asked(t, "us-east-2", true); !slices.Equal(got, []string{"iam-fips.amazonaws.com", "sts-fips.us-east-2.amazonaws.com", "sts-fips.us-east-2.amazonaws.com"}) {
		t.Errorf("AWS_USE_FIPS_ENDPOINT=false: %v", got)
	}
}

// A session belongs to one partition: credentials never cross.
func TestSessionsOfPartitions(t *testing.T) {
	seen := map[cache.Identity]string{}
	for region, partition := range map[string]string{"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc"} {
		id := (&Provider{Region: region, Source: Source{ID: "A"}}).Identity()
		if id.Partition != partition || seen[id] != "" {
			t.Errorf("%s and %s: %+v", region, seen[id], id)
		}
		seen[id] = region
	}
}
