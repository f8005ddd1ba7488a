//go:build unix

package main

import (
	"encoding/json"
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

// keysOf returns the temporary keys of the profile's session, as an SDK gets
// them.
func (l *lab) keysOf(profile string) map[string]string {
	l.t.Helper()
	r := l.run("", "git-credential-mfa", "--profile", profile, "credential-process")
	var keys struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(r.stdout), &keys); err != nil || keys.SessionToken == "" {
		l.t.Fatal(err, r)
	}
	return map[string]string{"AWS_ACCESS_KEY_ID": keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY": keys.SecretAccessKey, "AWS_SESSION_TOKEN": keys.SessionToken}
}

// Temporary keys, wherever they are from, are used as they are; a role is
// assumed from them, and kept.
func TestTemporaryKeys(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.phone()
	l.getAs("default")
	keys := l.keysOf("default")
	l.write(".aws/credentials", "[pasted]\naws_access_key_id = "+keys["AWS_ACCESS_KEY_ID"]+"\naws_secret_access_key = "+
		keys["AWS_SECRET_ACCESS_KEY"]+"\naws_session_token = "+keys["AWS_SESSION_TOKEN"]+"\n")
	l.write("print-keys", "#!/bin/sh\necho run >>'"+l.home+"/runs'\necho '{\"Version\":1,\"AccessKeyId\":\""+keys["AWS_ACCESS_KEY_ID"]+
		"\",\"SecretAccessKey\":\""+keys["AWS_SECRET_ACCESS_KEY"]+"\",\"SessionToken\":\""+keys["AWS_SESSION_TOKEN"]+"\"}'\n")
	l.awsConfig("[profile process]\ncredential_process = '" + l.home + "/print-keys'\n")
	for _, source := range []string{"pasted", "process"} {
		l.awsConfig("[profile role-of-" + source + "]\nrole_arn = " + deployARN + "\nexternal_id = e-1\nsource_profile = " + source + "\n")
		if r := l.cloneFrom(host, source, source); r.status != 0 {
			t.Error(r)
		}
		for range 2 {
			if r := l.getAs("role-of-" + source); !answered(r) {
				t.Error(r)
			}
		}
	}
	l.asked(1, 1, 2)
	if runs, err := os.ReadFile(filepath.Join(l.home, "runs")); err != nil || strings.Count(string(runs), "run") != 2 {
		t.Errorf("%v, the process ran %q", err, runs)
	}
	for name, value := range keys {
		l.setenv(name, value)
	}
	before := len(l.world.Requests())
	if r := l.get(); !answered(r) || len(l.world.Requests()) != before || !strings.Contains(r.stdout, keys["AWS_SESSION_TOKEN"]) {
		t.Error(r)
	}
	if r := l.run("", "git", "clone", "--quiet", l.url, "environment"); r.status != 0 {
		t.Error(r)
	}
}

// An access token of SSO that has run out says how it is renewed.
func TestExpiredSSO(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.awsConfig("[profile sso]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r\n")
	wantFailure(t, l.getAs("sso"), `reading the AWS credentials of profile "sso": the credentials have expired`, "aws sso login")
}

// Variables that win over others, or do nothing, are named where that explains
// something: when a session starts, and when something fails.
func TestEnvironmentInTheWay(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	bob := l.world.AddUser("bob")
	l.setenv("AWS_PROFILE", "default")
	l.setenv("AWS_ACCESS_KEY_ID", bob.AccessKeyID)
	l.setenv("AWS_SECRET_ACCESS_KEY", bob.SecretAccessKey)
	const warning = `warning: AWS_ACCESS_KEY_ID in the environment wins over the profile "default" of AWS_PROFILE`
	l.phone()
	r := l.get()
	wantFailure(t, r, "STS does not know this MFA device for this user")
	if strings.Count(r.stderr, warning) != 1 {
		t.Error(r)
	}
	l.device = bob.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/bob")
	l.setenv("GIT_CREDENTIAL_MFA_SERIAL", l.device.Serial)
	l.phone()
	if r := l.get(); !answered(r) || strings.Count(r.stderr, warning) != 1 {
		t.Error(r)
	}
	if r := l.get(); !answered(r) || r.stderr != "" {
		t.Errorf("a cached answer: %v", r)
	}
	// --profile wins, and nothing is odd about that.
	l.device = l.user.AddDevice("arn:aws:iam::" + sandbox.Account + ":mfa/second")
	l.setenv("GIT_CREDENTIAL_MFA_SERIAL", l.device.Serial)
	l.phone()
	if r := l.getAs("default"); !answered(r) || strings.Contains(r.stderr, "warning") {
		t.Error(r)
	}
	// A token that was left behind by an earlier session.
	l.setenv("AWS_SESSION_TOKEN", "left behind")
	wantFailure(t, l.get(), "reading the AWS credentials of the environment: a session token stands beside an access key that has none",
		"hint: take it away: unset AWS_SESSION_TOKEN", warning)
}
