package doctor

import (
	"strings"
	"testing"
)

// TestOtherProxyAnswer: a 403 without AWS's mark is the proxy's.
func TestOtherProxyAnswer(t *testing.T) {
	e := &Evidence{Live: true}
	e.Network.Anonymous = Answer{Asked: true, Status: 403, Via: "1.1 squid"}
	r := runCheck("CCM812", e)
	if r.Level != Error || !strings.Contains(r.Detail, "1.1 squid") || runCheck("CCM813", e).Level != Skipped {
		t.Errorf("%+v", r)
	}
	e.Network.Anonymous.AWS = true
	if runCheck("CCM812", e).Level != OK || runCheck("CCM813", e).Level != Error {
		t.Error("AWS's own 403 is not the proxy's")
	}
	e.Network.Anonymous = Answer{Asked: true, Err: &Failure{Text: "x"}}
	if runCheck("CCM810", e).Level != Error {
		t.Error("not reached is an error")
	}
}
