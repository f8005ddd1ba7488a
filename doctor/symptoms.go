package doctor

import (
	"slices"
	"strings"
)

// Symptom marks a problem that follows from problems which other checks find. The
// zero value is for a check that names a cause.
type Symptom struct {
	// rank is set for a symptom that any cause explains. If no cause was found, the
	// symptom of the lowest rank stays an error, since it is the most specific.
	rank int
	// of lists the codes whose error explains it, as in "CCM103 CCM104".
	of string
}

var cause = Symptom{}

// demoteSymptoms lowers the level of symptoms that an error explains, so that only
// what has to be fixed first is an error.
func demoteSymptoms(results []Result) {
	first := toMendFirst(results)
	for i := range results {
		r := &results[i]
		code := explanation(results, *r)
		if r.symptom.rank > 0 && r.Level == Error && r.Code != first {
			code = first
		}
		if code == "" {
			continue
		}
		// A helper chain without this helper, or with another one before it, has to
		// be fixed in any case.
		if r.Code == "CCM502" || r.Code == "CCM510" {
			r.Level = Warning
		} else {
			r.Level, r.Fix = Info, "" // the fix would not help
		}
		if r.Detail != "" {
			r.Detail += "\n"
		}
		r.Detail += "the error to fix first is " + code
	}
}

// toMendFirst returns the code of the first error that names a cause, or else
// of the most specific symptom.
func toMendFirst(results []Result) string {
	code, best := "", 0
	for _, r := range results {
		rank := r.symptom.rank
		switch {
		case r.Level != Error || r.broken:
		case rank == 0:
			return r.Code
		case best == 0 || rank < best:
			code, best = r.Code, rank
		}
	}
	return code
}

// explanation returns the code of an error that Symptom.of names, or "".
func explanation(results []Result, r Result) string {
	if r.Level != Error && r.Level != Warning {
		return ""
	}
	i := slices.IndexFunc(results, func(other Result) bool {
		return other.Level == Error && strings.Contains(r.symptom.of, other.Code)
	})
	if i < 0 {
		return ""
	}
	return results[i].Code
}
