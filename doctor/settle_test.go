package doctor

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestOtherProxyAnswer: a 403 without AWS's mark is the proxy's.
func TestOtherProxyAnswer(t *testing.T) {
	c := &Case{Live: &Evidence{Network: NetworkEvidence{Anonymous: probe{asked: true, status: 403, via: "1.1 squid"}}}}
	r := checkProxy(c)[0]
	if r.Level != Error || !strings.Contains(r.Detail, "1.1 squid") || checkAnswer(c)[0].Level != Skipped {
		t.Errorf("%+v", r)
	}
	c.Live.Network.Anonymous.aws = true
	if checkProxy(c)[0].Level != OK || checkAnswer(c)[0].Level != Error {
		t.Error("AWS's own 403 is not the proxy's")
	}
	c.Live.Network.Anonymous = probe{asked: true, err: errors.New("x")}
	if checkReached(c)[0].Level != Error {
		t.Error("not reached is an error")
	}
}

func TestSettle(t *testing.T) {
	level := func(code string, results []Result) Level {
		for _, r := range results {
			if r.Code == code {
				return r.Level
			}
		}
		return ""
	}
	run := func(codes ...string) []Result {
		var results []Result
		for _, code := range codes {
			results = append(results, Result{Code: code, Level: Error})
		}
		settle(results)
		return results
	}
	if r := run("CCM502", "CCM820", "CCM821"); level("CCM821", r) != Error || level("CCM502", r) != Warning || level("CCM820", r) != Info {
		t.Errorf("%+v", r)
	}
	if r := run("CCM502", "CCM821", "CCM101", "CCM102"); level("CCM101", r) != Error || level("CCM821", r) != Info || level("CCM102", r) != Info {
		t.Errorf("%+v", r)
	}
	if r := run("CCM507", "CCM801"); level("CCM507", r) != Error || level("CCM801", r) != Error {
		t.Errorf("two causes are two errors: %+v", r)
	}
	if r := run("CCM102"); level("CCM102", r) != Error {
		t.Errorf("%+v", r)
	}
}

// TestChecksSkip runs the checks on nothing at all: each says so.
func TestChecksSkip(t *testing.T) {
	for _, r := range Examine(context.Background(), &Case{}, LiveChecks).Results {
		if r.Level != Skipped || r.Detail == "" {
			t.Errorf("%+v", r)
		}
	}
	Examine(context.Background(), &Case{Live: &Evidence{Offline: true}}, LiveChecks)
}
