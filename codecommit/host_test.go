package codecommit

import (
	"errors"
	"strings"
	"testing"
)

func TestParseHost(t *testing.T) {
	for in, want := range map[string]Host{
		"git-codecommit.us-east-1.amazonaws.com":                                                      {"git-codecommit.us-east-1.amazonaws.com", "us-east-1", false},
		"GIT-CodeCommit.US-EAST-1.AmazonAWS.com":                                                      {"git-codecommit.us-east-1.amazonaws.com", "us-east-1", false},
		"git-codecommit.us-east-2.amazonaws.com:443":                                                  {"git-codecommit.us-east-2.amazonaws.com", "us-east-2", false},
		"git-codecommit-fips.us-gov-west-1.amazonaws.com":                                             {"git-codecommit-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", true},
		"git-codecommit.cn-north-1.amazonaws.com.cn":                                                  {"git-codecommit.cn-north-1.amazonaws.com.cn", "cn-north-1", false},
		"git-codecommit.eusc-de-east-1.amazonaws.eu":                                                  {"git-codecommit.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", false},
		"git-codecommit.xy-nowhere-12.amazonaws.com":                                                  {"git-codecommit.xy-nowhere-12.amazonaws.com", "xy-nowhere-12", false},
		"vpce-0123456789abcdef0-abcdefgh.git-codecommit.us-east-1.vpce.amazonaws.com":                 {"vpce-0123456789abcdef0-abcdefgh.git-codecommit.us-east-1.vpce.amazonaws.com", "us-east-1", false},
		"vpce-0123456789abcdef0-abcdefgh-us-east-1a.git-codecommit-fips.us-east-1.vpce.amazonaws.com": {"vpce-0123456789abcdef0-abcdefgh-us-east-1a.git-codecommit-fips.us-east-1.vpce.amazonaws.com", "us-east-1", true},
	} {
		if got, err := ParseHost(in); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
}

// Names that other helpers answer, that other tenants of amazonaws.com can
// own, or that git sends for crafted URLs.
var foreign = []string{
	"", ".", "github.com", "evil.example", "amazonaws.com",
	"git-codecommit.us-east-1.amazonaws.com.evil.example",
	"evil-git-codecommit.us-east-1.amazonaws.com",
	"evil.example/.git-codecommit.us-east-1.amazonaws.com",
	"evil.git-codecommit.us-east-1.amazonaws.com",
	"git-codecommit.us-east-1.amazonaws.com.",
	"git-codecommit.us-east-1.amazonaws.com:8443",
	"git-codecommit.us-east-1.amazonaws.com:443:443",
	"git-codecommit.us-east-1.amazonaws.com:",
	"git-codecommit.us-east-1.amazonaws.com@evil.example",
	"user@git-codecommit.us-east-1.amazonaws.com",
	"git-codecommit.us-east-1.amazonaws.com\\.evil.example",
	"git-codecommit.us-east-1.amazonaws.com%2eevil.example",
	"git-codecommit.us-east-1.amazonaws.com\n", " git-codecommit.us-east-1.amazonaws.com",
	"git-codecommit。us-east-1.amazonaws.com",
	"\uff47it-codecommit.us-east-1.amazonaws.com", // a fullwidth g
	"git-\u212aodecommit.us-east-1.amazonaws.com", // the Kelvin sign, which folds to k
	"git-codecommit.s3.amazonaws.com",
	"git-codecommit.s3-us-west-2.amazonaws.com",
	"git-codecommit.s3-website-us-east-1.amazonaws.com",
	"git-codecommit.compute-1.amazonaws.com",
	"ec2-1-2-3-4.compute-1.amazonaws.com",
	"git-codecommit-1.us-east-1.elb.amazonaws.com",
	"git-codecommit.us-east-1.elb.amazonaws.com",
	"x.vpce-svc-0a.us-east-1.vpce.amazonaws.com",
	"git-codecommit.us-east-1.vpce.amazonaws.com",
	"vpce-0a-b.git-codecommit.us-east-1.amazonaws.com",
	"vpce-0a.evil.git-codecommit.us-east-1.vpce.amazonaws.com",
	"vpce-0a-b.git-codecommit.cn-north-1.vpce.amazonaws.com.cn",
	"vpce-0a-b.git-codecommit.cn-north-1.vpce.amazonaws.com",
	"git-codecommit.us-east-1.amazonaws.com.cn",
	"git-codecommit.cn-north-1.amazonaws.com",
	"git-codecommit.us-east-1.amazonaws.eu",
	"git-codecommit.eusc-de-east-1.amazonaws.com",
	"git-codecommit.us-iso-east-1.amazonaws.com", "git-codecommit.us-iso-east-1.c2s.ic.gov",
	"git-codecommit.us-isob-east-1.amazonaws.com", "git-codecommit.us-isof-south-1.amazonaws.com", "git-codecommit.eu-isoe-west-1.amazonaws.com",
	"git-codecommit.fips-us-east-1.amazonaws.com", "git-codecommit.us-fips-east-1.amazonaws.com", "git-codecommit-fips.fips-us-east-1.amazonaws.com",
	"codecommit.us-east-1.amazonaws.com",
	"git-codecommit..amazonaws.com", "git-codecommit.us-east-1", "git-codecommit.us-east-1.amazonaws.org",
	"git-codecommit-fips-fips.us-east-1.amazonaws.com",
	"git_codecommit.us-east-1.amazonaws.com",
	"git-codecommitxus-east-1xamazonaws.com",
	"[::1]", "127.0.0.1", "localhost",
	"vpce-" + strings.Repeat("a", 70000) + ".git-codecommit.us-east-1.vpce.amazonaws.com",
}

func TestParseHostRefusesForeignHosts(t *testing.T) {
	for _, in := range foreign {
		if got, err := ParseHost(in); !errors.Is(err, ErrForeignHost) {
			t.Errorf("%.80q: got %+v, %v", in, got, err)
		}
	}
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc",
	} {
		if got := Partition(region); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}

func TestParsePath(t *testing.T) {
	for _, name := range []string{"x", "My.Repo_1-x", "...", "a.git.b", strings.Repeat("n", 100)} {
		if got, err := ParsePath("v1/repos/" + name); err != nil || got != name {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	for in, want := range map[string]error{
		"":                                     ErrNoPath,
		"v1/repos/x.git/info/lfs":              ErrLFSPath,
		"v1/repos/x/info/lfs/objects":          ErrLFSPath,
		"v1/repos/x.git":                       ErrBadPath,
		"v1/repos/.git":                        ErrBadPath,
		"v1/repos/.":                           ErrBadPath,
		"v1/repos/..":                          ErrBadPath,
		"v1/repos/":                            ErrBadPath,
		"v1/repos":                             ErrBadPath,
		"/v1/repos/x":                          ErrBadPath,
		"v1/repos/x/":                          ErrBadPath,
		"v1/repos/x\n":                         ErrBadPath,
		"v1/repos/../x":                        ErrBadPath,
		"v1//repos/x":                          ErrBadPath,
		"v1/repos/x?a":                         ErrBadPath,
		"v1/repos/x#f":                         ErrBadPath,
		"v1/repos/a b":                         ErrBadPath,
		"v1/repos/a%20b":                       ErrBadPath,
		"v1/repos/ä":                           ErrBadPath,
		"v1/repos/" + strings.Repeat("n", 101): ErrBadPath,
		"V1/repos/x":                           ErrBadPath,
	} {
		if got, err := ParsePath(in); !errors.Is(err, want) {
			t.Errorf("%q: got %q, %v, want %v", in, got, err, want)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	f.Add("git-codecommit.us-east-1.amazonaws.com:443")
	for _, in := range foreign {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		h, err := ParseHost(in)
		if want := byPattern(in); h != want {
			t.Errorf("%q: %+v, by the pattern %+v", in, h, want)
		}
		if err != nil {
			return
		}
		// Whatever is accepted ends in a domain of AWS's and is spelt with
		// the letters of a host name.
		if !strings.HasSuffix(h.Name, "."+DNSSuffix(h.Region)) || strings.Trim(h.Name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			t.Errorf("%q: accepted as %+v", in, h)
		}
	})
}
