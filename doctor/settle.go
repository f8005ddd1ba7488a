package doctor

import "slices"

// symptoms are codes that say that something fails, and not why, the most
// telling first. Where the why was found they are its consequences: a report
// that calls both errors leaves it to the reader to find out which to mend.
var symptoms = []string{ccm510.name, ccm821.name, ccm822.name, ccm502.name, ccm820.name}

// settle keeps one error of a cause and its symptoms. What else helps stays a
// warning: git that does not ask this helper is to be mended in any case.
func settle(results []Result) {
	rank := ranking(results)
	cause, best := "", len(symptoms)
	for _, r := range results {
		switch i := rank(r); {
		case r.Level != Error:
		case i < 0 && cause == "":
			cause = r.Code
		case i >= 0 && i < best:
			best = i
		}
	}
	if cause == "" && best < len(symptoms) {
		cause = symptoms[best]
	}
	for i := range results {
		r := &results[i]
		if r.Level != Error || r.Code == cause || rank(*r) < 0 {
			continue
		}
		if r.Level = Info; r.Code == ccm502.name || r.Code == ccm510.name {
			r.Level = Warning
		} else {
			r.Fix = "" // it would send people elsewhere
		}
		if r.Detail != "" {
			r.Detail += "\n"
		}
		r.Detail += "the error to mend first is " + cause
	}
}

// ranking tells causes, which have -1, from symptoms. That KMS is denied for
// lack of MFA is a cause of its own only where git itself is not.
func ranking(results []Result) func(Result) int {
	git := slices.ContainsFunc(results, func(r Result) bool { return r.Code == ccm101.name && r.Level == Error })
	return func(r Result) int {
		if git && r.Code == ccm102.name {
			return len(symptoms)
		}
		return slices.Index(symptoms, r.Code)
	}
}
