package doctor

import (
	"slices"
	"testing"
)

func TestSymptoms(t *testing.T) {
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
			i := slices.IndexFunc(Checks, func(c Check) bool { return c.Code == code })
			results = append(results, Result{Code: code, Level: Error, symptom: Checks[i].Symptom})
		}
		demoteSymptoms(results)
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
