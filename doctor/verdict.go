package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// verdict is the sentence with which a report begins: git's outcome, with what the
// report was made or nothing, the cause, and the command that mends it.
func (r Report) verdict(about string) string {
	outcome, cause, fix := r.conclude()
	if r.Audit != nil {
		outcome, cause, fix = r.auditVerdict(), "", ""
	}
	if about != "" {
		outcome += " (" + about + ")"
	}
	sentence := outcome + cause
	if fix != "" {
		sentence += "; to mend it: " + fix
	}
	return sentence
}

// about is what the report was made with, so that whoever reads it elsewhere
// knows.
func (r Report) about() string {
	var parts []string
	for _, part := range []struct{ what, version string }{{"git-credential-mfa ", r.Version}, {"", r.System}, {"git ", r.Git}} {
		if part.version != "" {
			parts = append(parts, part.what+part.version)
		}
	}
	return strings.Join(parts, ", ")
}

// conclude finds the result that decides. Where git was not asked, the absence
// of errors is no promise.
func (r Report) conclude() (outcome, cause, fix string) {
	worst, found := r.worst()
	named := fmt.Sprintf("%s (%s)", worst.Title, worst.Code)
	fix = worst.Fix
	if strings.Contains(fix, "\n") {
		fix = "the change below"
	}
	failed := found && worst.Level == Error
	depends := r.result("CCM304")
	unsure := depends.Level == Info
	switch {
	case !r.Live && worst.Code == "CCM401":
		return "nothing was judged", ": " + named, fix
	case !r.Live && failed:
		return "these policies keep git from CodeCommit", ": " + named, fix
	case !r.Live && found && unsure:
		return "these policies may keep git from CodeCommit", fmt.Sprintf(": %s (%s); and %s", depends.Title, depends.Code, named), fix
	case !r.Live && found:
		return "these policies do not keep git from CodeCommit", ", but " + named, fix
	case !r.Live && unsure:
		return "these policies may keep git from CodeCommit", fmt.Sprintf(": %s (%s)", depends.Title, depends.Code), depends.Fix
	case !r.Live:
		return "these policies do not keep git from CodeCommit", "", ""
	case r.Witness.Passed && !found:
		return "git reaches the repository", ": all is well", ""
	case r.Witness.Passed:
		return "git reaches the repository", ", but " + named, fix
	case r.Witness.Failed() && failed:
		return "git does not reach the repository", ": " + named, fix
	case r.Witness.Failed():
		session := r.result("CCM720")
		return "git would ask for the MFA code", fmt.Sprintf(": %s (%s)", session.Title, session.Code), session.Fix
	case failed:
		return "git does not reach the repository, as far as can be seen without running git", ": " + named, fix
	}
	outcome = "nothing was found that keeps git from the repository"
	cause = ", but git itself was not asked, " + r.Witness.Reason
	if r.Witness.Mend != "" {
		cause += "; to have it asked: " + r.Witness.Mend
	}
	if found {
		cause += "; and " + named
	}
	return outcome, cause, fix
}

// result is that of a code.
func (r Report) result(code string) Result {
	if i := slices.IndexFunc(r.Results, func(result Result) bool { return result.Code == code }); i >= 0 {
		return r.Results[i]
	}
	return Result{}
}

// worst is the first error, or else the first warning.
func (r Report) worst() (Result, bool) {
	for _, level := range []Level{Error, Warning} {
		if i := slices.IndexFunc(r.Results, func(result Result) bool { return result.Level == level }); i >= 0 {
			return r.Results[i], true
		}
	}
	return Result{}, false
}

// folded reports whether a result is told in a line of another one's: the
// statement that denies git without MFA denies KMS, too.
func (r Report) folded(result Result) bool {
	git := r.result("CCM101")
	return result.Code == "CCM102" && result.Level == Error && git.Level == Error && slices.Equal(git.Statements, result.Statements)
}

// alsoDenied is that line.
func (r Report) alsoDenied(result Result) string {
	kms := r.result("CCM102")
	if result.Code != "CCM101" || !r.folded(kms) {
		return ""
	}
	return kms.Title + " too, by the same statement (CCM102)"
}
