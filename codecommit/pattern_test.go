package codecommit

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var pattern = regexp.MustCompile(`^(vpce-[0-9a-z-]+\.)?git-codecommit(-fips)?\.([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})(\.vpce)?\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu)(?::443)?$`)

// byPattern is ParseHost as a regular expression: slower, and easier to see
// through. No host, and it is foreign.
func byPattern(attribute string) Host {
	m := pattern.FindStringSubmatch(strings.ToLower(attribute))
	if m == nil || len(attribute) > 259 || strings.ContainsFunc(attribute, func(r rune) bool { return r > 0x7e }) {
		return Host{}
	}
	endpoint, region, infix, suffix := m[1], m[3], m[4], m[5]
	if strings.Contains("-"+region+"-", "-fips-") || strings.Contains("-"+region, "-iso") {
		return Host{}
	}
	if (endpoint == "") != (infix == "") || suffix != DNSSuffix(region) || infix != "" && suffix != "amazonaws.com" {
		return Host{}
	}
	return Host{Name: strings.TrimSuffix(m[0], ":443"), Region: region, FIPS: m[2] != ""}
}

// TestParseHostByPattern breaks good names at random, in ways that keep them
// near the edge.
func TestParseHostByPattern(t *testing.T) {
	good := []string{"git-codecommit.us-east-1.amazonaws.com", "git-codecommit-fips.us-gov-west-1.amazonaws.com:443",
		"git-codecommit.cn-north-1.amazonaws.com.cn", "git-codecommit.eusc-de-east-1.amazonaws.eu",
		"vpce-0a-b.git-codecommit.us-east-1.vpce.amazonaws.com", "vpce-0a.git-codecommit-fips.eu-west-12.vpce.amazonaws.com"}
	pieces := []string{".", "-", ":", "1", "a", "A", "_", ":443", "vpce-", ".vpce", "git-codecommit", "-fips", ".cn", "us-east-1", "\n", "é"}
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 200_000 {
		in := good[random.IntN(len(good))]
		for range 1 + random.IntN(3) {
			from := random.IntN(len(in) + 1)
			to := min(len(in), from+random.IntN(3))
			in = in[:from] + pieces[random.IntN(len(pieces))] + in[to:]
		}
		h, _ := ParseHost(in)
		if want := byPattern(in); h != want {
			t.Fatalf("%q: %+v, by the pattern %+v", in, h, want)
		} else if h.Name != "" {
			accepted++
		}
	}
	t.Logf("%d accepted", accepted)
	if accepted < 1000 {
		t.Errorf("only %d accepted: this tests too little", accepted)
	}
}
