package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// cloneFrom clones a repository of a host with a profile.
func (l *lab) cloneFrom(host, profile, name string) result {
	l.t.Helper()
	key := "credential.https://" + host
	return l.run("", "git", "-c", key+".helper=", "-c", key+".helper=mfa --profile "+profile, "-c", key+".useHttpPath=true",
		"clone", "--quiet", "https://"+host+"/v1/repos/demo", name)
}

// stsHosts returns the hosts of STS that were asked, each once.
func (l *lab) stsHosts() []string {
	var hosts []string
	for _, r := range l.world.Requests() {
		if r.Service == sandbox.STS && !slices.Contains(hosts, r.Host) {
			hosts = append(hosts, r.Host)
		}
	}
	return hosts
}

// Each partition has its users, endpoints and hosts; a host of any form leads
// to STS in its own region, and a FIPS one to no other than the FIPS endpoint.
func TestPartitions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ partition, region, host, sts string }{
		{"aws", "eu-west-1", "git-codecommit.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"},
		{"aws", "us-east-2", "git-codecommit-fips.us-east-2.amazonaws.com", "sts-fips.us-east-2.amazonaws.com"},
		{"aws", "af-south-1", "vpce-0123456789abcdef0-abcdefgh.git-codecommit.af-south-1.vpce.amazonaws.com", "sts.af-south-1.amazonaws.com"},
		{"aws", "us-west-2", "vpce-0123456789abcdef0-abcdefgh-us-west-2a.git-codecommit-fips.us-west-2.vpce.amazonaws.com", "sts-fips.us-west-2.amazonaws.com"},
		{"aws-cn", "cn-northwest-1", "git-codecommit.cn-northwest-1.amazonaws.com.cn", "sts.cn-northwest-1.amazonaws.com.cn"},
		{"aws-us-gov", "us-gov-west-1", "git-codecommit-fips.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"},
		{"aws-eusc", "eusc-de-east-1", "git-codecommit.eusc-de-east-1.amazonaws.eu", "sts.eusc-de-east-1.amazonaws.eu"},
		{"aws", "xy-nowhere-1", "git-codecommit.xy-nowhere-1.amazonaws.com", "sts.xy-nowhere-1.amazonaws.com"},
	} {
		t.Run(c.host, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.askpass()
			u := l.world.AddUserIn(c.partition, "li")
			l.device = u.AddDevice("arn:" + c.partition + ":iam::" + sandbox.Account + ":mfa/li")
			// No region and no device: the host says the one, IAM the other.
			if err := u.WriteAWSFiles(l.home, "li", nil); err != nil {
				t.Fatal(err)
			}
			if _, err := l.world.AddRepository(c.region, "demo"); err != nil && c.region != region {
				t.Fatal(err)
			}
			l.phone()
			l.setenv("GIT_CREDENTIAL_MFA_TRACE", filepath.Join(l.home, "trace"))
			for _, name := range []string{"first", "second"} {
				if r := l.cloneFrom(c.host, "li", name); r.status != 0 || strings.Contains(r.stderr, "warning") {
					t.Fatal(r)
				}
			}
			l.asked(1, 1, 0)
			if hosts := l.stsHosts(); !slices.Equal(hosts, []string{c.sts}) {
				t.Errorf("STS was asked at %v, not at %s", hosts, c.sts)
			}
			trace, err := os.ReadFile(filepath.Join(l.home, "trace"))
			if unknown := strings.Contains(string(trace), "the region "+c.region+" is newer than this program"); err != nil ||
				unknown != (strings.HasPrefix(c.region, "xy-") || c.partition == "aws-eusc") {
				t.Errorf("%v, the trace: %s", err, trace)
			}
			if refused := l.world.Refused(); len(refused) > 0 {
				t.Errorf("somebody tried to reach %v", refused)
			}
		})
	}
}

// A FIPS endpoint that fails is not replaced by one that is none.
func TestFIPSNeverFallsBack(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	l.world.SetRegionActive(region, false)
	if r := l.cloneFrom("git-codecommit-fips.us-east-1.amazonaws.com", "default", "x"); r.status != 128 || !strings.Contains(r.stderr, "STS is not activated in this region") {
		t.Error(r)
	}
	l.world.SetRegionActive(region, true)
	l.setenv("AWS_USE_FIPS_ENDPOINT", "true")
	if r := l.run("", "git-credential-mfa", "login"); r.status != 0 {
		t.Error(r)
	}
	if hosts := l.stsHosts(); !slices.Equal(hosts, []string{"sts-fips.us-east-1.amazonaws.com"}) {
		t.Errorf("STS was asked at %v", hosts)
	}
}

// Keys of one partition are unknown in another.
func TestWrongPartition(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	r := l.run(request("https", "git-codecommit.cn-north-1.amazonaws.com.cn", "v1/repos/demo"), "git-credential-mfa", "get")
	wantFailure(t, r, "the access key is unknown, deleted or inactive", "hint: ")
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
}
