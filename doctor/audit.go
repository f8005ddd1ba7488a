package doctor

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// auditResults changes levels for an administrator: that git is denied without MFA
// is fine, and that it passes without MFA is an error.
func auditResults(results []Result) {
	for i := range results {
		r := &results[i]
		found := r.Level == Error || r.Level == Warning || r.Level == Info
		switch {
		case !found:
		case r.Code == "CCM101" || r.Code == "CCM102":
			r.Level, r.Fix = OK, ""
			r.Title.English += ", as it is meant to be"
			r.Title.Japanese += " (意図どおり)"
		case strings.HasPrefix(r.Code, "CCM20"):
			r.Level = Error
		}
	}
}

// checkAsked looks for policies to which MFA makes no difference. In an audit it
// also looks for what passes without MFA and no other check explains.
func checkAsked(e *Evidence) Finding {
	f := judged(e, (*policies.Case).NothingAsksForMFA)
	if !e.Policies.Audit || f.Level != OK && f.Level != Skipped || e.notJudged() != "" {
		return f
	}
	c := &e.Policies.Case
	for _, weakness := range []func() policies.Finding{c.Exempt, c.PlainBool, c.LooseAllow} {
		if weakness().Found {
			return f
		}
	}
	return judged(e, (*policies.Case).NotForced)
}

// auditVerdict returns the result of an audit in one sentence.
func (r Report) auditVerdict() language.Text {
	forced := language.Text{English: "MFA is forced for CodeCommit", Japanese: "CodeCommit に MFA が強制されています"}
	if !r.Audit.Forced {
		forced = language.Text{English: "MFA is not forced for CodeCommit", Japanese: "CodeCommit に MFA が強制されていません"}
	}
	switch {
	case r.Audit.Forced && r.Audit.Works:
		return forced.And(language.Text{English: ", and git works with it", Japanese: "。MFA があれば git は動きます"})
	case r.Audit.Works:
		return forced.With(": " + r.codes(Error))
	}
	return forced.And(language.Text{English: ", and git does not work with it: ", Japanese: "。MFA があっても git は動きません: "}).With(r.codes(Error))
}

// codes lists the codes of the results of some levels.
func (r Report) codes(levels ...Level) string {
	var codes []string
	for _, result := range r.Results {
		if slices.Contains(levels, result.Level) {
			codes = append(codes, result.Code)
		}
	}
	return strings.Join(codes, " ")
}
