package doctor

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

// verdict returns the first sentence of a report: the outcome, the cause, and the
// command that fixes it. about follows the outcome in parentheses; it may be "".
func (r Report) verdict(about string) language.Text {
	outcome, cause, fix := r.conclude()
	if r.Audit != nil {
		outcome, cause, fix = r.auditVerdict(), language.Text{}, language.Text{}
	}
	if about != "" {
		outcome = outcome.With(" (" + about + ")")
	}
	sentence := outcome.And(cause)
	if !fix.Empty() {
		sentence = sentence.And(language.Text{English: "; to fix it: ", Japanese: "。対処: "}).And(fix)
	}
	return sentence
}

// about names the versions of this program, the system and git, for readers on
// another computer.
func (r Report) about() string {
	var parts []string
	for _, part := range []struct{ what, version string }{{"git-credential-mfa ", r.Version}, {"", r.System}, {"git ", r.Git}} {
		if part.version != "" {
			parts = append(parts, part.what+part.version)
		}
	}
	return strings.Join(parts, ", ")
}

// The outcomes of a report.
var (
	notJudged  = language.Text{English: "nothing was judged", Japanese: "何も判定していません"}
	keepsGit   = language.Text{English: "these policies keep git from CodeCommit", Japanese: "このポリシーでは git が CodeCommit を使えません"}
	mayKeepGit = language.Text{English: "these policies may keep git from CodeCommit", Japanese: "このポリシーでは git が CodeCommit を使えないことがあります"}
	letsGit    = language.Text{English: "these policies do not keep git from CodeCommit", Japanese: "このポリシーに、git から CodeCommit を使えなくするものはありません"}
	gitPasses  = language.Text{English: "git reaches the repository", Japanese: "git はリポジトリにアクセスできます"}
	gitFails   = language.Text{English: "git does not reach the repository", Japanese: "git はリポジトリにアクセスできません"}
	gitUnknown = language.Text{English: "git does not reach the repository, as far as can be seen without running git",
		Japanese: "git を実行せずにわかる範囲では、git はリポジトリにアクセスできません"}
	gitAsks      = language.Text{English: "git would ask for the MFA code", Japanese: "git は MFA コードを尋ねます"}
	nothingFound = language.Text{English: "nothing was found that keeps git from the repository", Japanese: "git がリポジトリにアクセスできない原因は見つかりませんでした"}

	because = language.Text{English: ": ", Japanese: ": "}
	but     = language.Text{English: ", but ", Japanese: "。ただし、"}
	and     = language.Text{English: "; and ", Japanese: "、"}
)

// titled returns a result's title and code.
func titled(r Result) language.Text { return r.Title.With(" (" + r.Code + ")") }

// conclude returns the parts of the verdict. If git was not run, the absence of
// errors does not mean that all is well.
func (r Report) conclude() (outcome, cause, fix language.Text) {
	worst, found := r.worst()
	named := titled(worst)
	fix = short(worst.Fix)
	failed := found && worst.Level == Error
	switch {
	case !r.Live:
		return r.concludeOnPolicies()
	case r.Witness.Passed && !found:
		return gitPasses, language.Text{English: ": all is well", Japanese: "。問題はありません"}, language.Text{}
	case r.Witness.Passed:
		return gitPasses, but.And(named), fix
	case r.Witness.Failed() && failed:
		return gitFails, because.And(named), fix
	case r.Witness.Failed():
		session := r.result("CCM720")
		return gitAsks, because.And(titled(session)), short(session.Fix)
	case failed:
		return gitUnknown, because.And(named), fix
	}
	cause = language.Text{English: ", but git itself was not run, " + r.Witness.Reason, Japanese: "。ただし git 自身は実行していません (" + r.Witness.Reason + ")"}
	if r.Witness.Fix != "" {
		cause = cause.And(language.Text{English: "; to run it: ", Japanese: "。実行するには: "}).With(r.Witness.Fix)
	}
	if found {
		cause = cause.And(and).And(named)
	}
	return nothingFound, cause, fix
}

// concludeOnPolicies is conclude for a report on policies only.
func (r Report) concludeOnPolicies() (outcome, cause, fix language.Text) {
	worst, found := r.worst()
	depends := r.result("CCM304")
	unsure := depends.Level == Info
	switch {
	case worst.Code == "CCM401":
		return notJudged, because.And(titled(worst)), short(worst.Fix)
	case found && worst.Level == Error:
		return keepsGit, because.And(titled(worst)), short(worst.Fix)
	case found && unsure:
		return mayKeepGit, because.And(titled(depends)).And(and).And(titled(worst)), short(worst.Fix)
	case found:
		return letsGit, but.And(titled(worst)), short(worst.Fix)
	case unsure:
		return mayKeepGit, because.And(titled(depends)), short(depends.Fix)
	}
	return letsGit, language.Text{}, language.Text{}
}

// short returns a fix that fits in a sentence.
func short(fix string) language.Text {
	if strings.Contains(fix, "\n") {
		return language.Text{English: "the change below", Japanese: "下に示す変更"}
	}
	return language.Text{}.With(fix)
}

// result returns the result of a code.
func (r Report) result(code string) Result {
	if i := slices.IndexFunc(r.Results, func(result Result) bool { return result.Code == code }); i >= 0 {
		return r.Results[i]
	}
	return Result{}
}

// worst returns the first error, or else the first warning.
func (r Report) worst() (Result, bool) {
	for _, level := range []Level{Error, Warning} {
		if i := slices.IndexFunc(r.Results, func(result Result) bool { return result.Level == level }); i >= 0 {
			return r.Results[i], true
		}
	}
	return Result{}, false
}

// folded reports whether a result is shown as a line of another one: the statement
// that denies git without MFA also denies KMS.
func (r Report) folded(result Result) bool {
	git := r.result("CCM101")
	return result.Code == "CCM102" && result.Level == Error && git.Level == Error && slices.Equal(git.Statements, result.Statements)
}

// alsoDenied returns that line.
func (r Report) alsoDenied(result Result) string {
	kms := r.result("CCM102")
	if result.Code != "CCM101" || !r.folded(kms) {
		return ""
	}
	same := "the same statement"
	if len(kms.Statements) > 1 {
		same += "s"
	}
	return kms.Title.English + " too, by " + same + " (CCM102)"
}
