package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// runCheck runs one check of the table.
func runCheck(code string, e *Evidence) Result {
	i := slices.IndexFunc(Checks, func(c Check) bool { return c.Code == code })
	return Checks[i].run(e)
}

// TestNothingIsKnown runs the checks on nothing at all.
func TestNothingIsKnown(t *testing.T) {
	for _, e := range []*Evidence{{}, {Live: true}, {Live: true, Offline: true}} {
		if r := Examine(e); len(r.Results) == 0 {
			t.Errorf("%+v", r)
		}
	}
}

// TestChecksAreExplained finds each code explained in both languages, and in the
// table once.
func TestChecksAreExplained(t *testing.T) {
	var codes []string
	for _, c := range Checks {
		if slices.Contains(codes, c.Code) {
			t.Errorf("%s is there twice", c.Code)
		}
		codes = append(codes, c.Code)
	}
	for _, name := range []string{"doctor.md", "ja/doctor.md"} {
		page, err := os.ReadFile(filepath.Join("..", "docs", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), "\n### "+code+"\n") {
				t.Errorf("%s does not explain %s", name, code)
			}
		}
		for i := 1; i <= 57; i++ {
			if !regexp.MustCompile(`(?m)^\| (?:[0-9]+, )*` + strconv.Itoa(i) + `(?:, [0-9]+)* \|`).Match(page) {
				t.Errorf("%s: cause %d has no line", name, i)
			}
		}
	}
}

// TestBrokenCheck: a check that panics is one error, and hides no other.
func TestBrokenCheck(t *testing.T) {
	all := Checks
	t.Cleanup(func() { Checks = all })
	Checks = append([]Check{{"CCM999", PolicyGroup, Info, cause, "found", "fine", func(*Evidence) Finding {
		var none *Failure
		return fine(none.Text)
	}}}, all...)
	r := Examine(&Evidence{})
	first := r.Results[0]
	if first.Code != "CCM999" || first.Level != Error || first.Title != "this check failed, please report" || !strings.Contains(first.Detail, "nil pointer") ||
		!strings.Contains(first.Detail, "checks_test.go:") || r.Status() != Failed || len(r.Results) < 14 {
		t.Errorf("%d, %+v", r.Status(), r.Results)
	}
	symptoms := []Result{first, {Code: "CCM822", Level: Error, symptom: symptom(3)}}
	if demoteSymptoms(symptoms); symptoms[1].Level != Error {
		t.Errorf("%+v", symptoms)
	}
}
