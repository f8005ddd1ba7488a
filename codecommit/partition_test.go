package codecommit

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// everyHost returns each host of CodeCommit's, by the forms of the user guide
// (see hostPattern), and what ParseHost should make of it.
func everyHost() map[string]Host {
	hosts := map[string]Host{}
	add := func(name, region string, fips bool) { hosts[name] = Host{Name: name, Region: region, FIPS: fips} }
	for _, region := range strings.Fields(regions) {
		add("git-codecommit."+region+"."+DNSSuffix(region), region, false)
		if strings.HasPrefix(region, "cn-") {
			continue
		}
		for _, endpoint := range []string{"vpce-0123456789abcdef0-abcdefgh", "vpce-0123456789abcdef0-abcdefgh-" + region + "a"} {
			add(endpoint+".git-codecommit."+region+".vpce.amazonaws.com", region, false)
		}
	}
	for _, region := range []string{"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "us-gov-east-1", "us-gov-west-1"} {
		add("git-codecommit-fips."+region+".amazonaws.com", region, true)
		add("vpce-0123456789abcdef0-abcdefgh.git-codecommit-fips."+region+".vpce.amazonaws.com", region, true)
	}
	return hosts
}

func TestEveryHost(t *testing.T) {
	partitions := map[string]int{}
	for name, want := range everyHost() {
		for _, form := range []string{name, strings.ToUpper(name), name + ":443"} {
			if got, err := ParseHost(form); err != nil || got != want {
				t.Errorf("%s: %+v, %v", form, got, err)
			}
		}
		if !strings.Contains(name, "vpce") && !want.FIPS {
			partitions[Partition(want.Region)]++
		}
		for _, other := range lookAlikes(name) {
			if got, err := ParseHost(other); err == nil {
				t.Errorf("%s was taken for %+v", other, got)
			}
		}
	}
	if partitions["aws"] != 25 || partitions["aws-cn"] != 2 || partitions["aws-us-gov"] != 2 || len(partitions) != 3 {
		t.Errorf("regions by partition: %v", partitions)
	}
	for region, want := range map[string]bool{"eu-west-1": true, "us-gov-west-1": true, "west-1": false, "eu-west": false, "": false, "xy-nowhere-1": false} {
		if KnownRegion(region) != want {
			t.Errorf("%q: known %v", region, !want)
		}
	}
}

// lookAlikes are names that somebody else may own, or that are nobody's.
func lookAlikes(name string) []string {
	other := map[string]string{"amazonaws.com": "amazonaws.com.cn", "amazonaws.com.cn": "amazonaws.com"}
	suffix := "amazonaws.com"
	if strings.HasSuffix(name, ".cn") {
		suffix = "amazonaws.com.cn"
	}
	stem := strings.TrimSuffix(name, suffix)
	made := []string{
		name + ".evil.example", name + ".", name + "x", name + ":8443", name + ":4430", "x" + name, "evil." + name, "evil-" + name, "." + name,
		stem + other[suffix], stem + "amazonaws.eu", stem + "api.aws", stem + "evil." + suffix, stem + "amazonaws.net", stem + "amazon.com",
		strings.Replace(name, "codecommit", "codecommits", 1), strings.Replace(name, "git-", "", 1), strings.Replace(name, "git-", "git.", 1),
		strings.Replace(name, ".git-codecommit", ".evil.git-codecommit", 1) + "/", "user@" + name, name + "/", name + "#", name + "%00",
	}
	for i, c := range name {
		if c == '.' {
			made = append(made, name[:i]+"-"+name[i+1:], name[:i]+".."+name[i+1:], name[:i]+"\\."+name[i+1:])
		}
	}
	return made
}

// awsCLI signs with the AWS CLI's own code, all hosts in one process.
const awsCLI = `
import datetime, json, sys
from awscli.customizations import codecommit
from botocore.credentials import Credentials
codecommit.get_current_datetime = lambda: datetime.datetime(2024, 2, 29, 23, 59, 59)
class Session:
    def get_credentials(self): return Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEXAMPLE/+==")
    def get_config_variable(self, name): return None
class Globals: region = None
command, answers = codecommit.CodeCommitGetCommand(Session()), {}
for host in json.load(sys.stdin):
    request = {"protocol": "https", "host": host, "path": "v1/repos/My.Repo_1-x"}
    region = command.extract_region(request, Globals)
    answers[host] = region and [region, command.sign_request(region, command.extract_url(request))]
json.dump(answers, sys.stdout)
`

func TestSignEveryHostLikeTheAWSCLI(t *testing.T) {
	hosts := everyHost()
	var names []string
	for name := range hosts {
		names = append(names, name, name+":443")
	}
	in, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "-c", awsCLI)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("there is no python3 with the AWS CLI 1 in it, a peer to compare with: %v", err)
	}
	var theirs map[string][2]string
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	c := Keys{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SessionToken: "FwoGZXIvYXdzEXAMPLE/+=="}
	for _, name := range names {
		h, err := ParseHost(name)
		if err != nil {
			t.Fatal(err)
		}
		_, password := Sign(c, h, "My.Repo_1-x", time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC))
		if want := theirs[name]; want != [2]string{h.Region, password} {
			t.Errorf("%s: ours %s %s, theirs %v", name, h.Region, password, want)
		}
	}
	if len(theirs) != len(names) || len(names) < 150 {
		t.Errorf("%d hosts compared", len(theirs))
	}
}
