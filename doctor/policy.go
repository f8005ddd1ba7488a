package doctor

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// notJudged is the reason to judge no policies, or "".
func (e *Evidence) notJudged() string {
	p := &e.Policies
	switch {
	case p.Err != nil:
		return "not judged, as not everything could be read: CCM401"
	case p.Judged():
		return ""
	case !e.Live:
		return "no policy was given: --policy FILE"
	case e.Offline:
		return "IAM was not asked: --offline; --policy FILE judges files"
	}
	return cmp.Or(p.Reason, "IAM was not asked")
}

// checkRead checks whether all policies could be read.
func checkRead(e *Evidence) Finding {
	if err := e.Policies.Err; err != nil {
		var read *policyfile.ReadError
		switch {
		case errors.As(err, &read):
			return found(read.Command, read.At+": "+read.Problem)
		case errors.Is(err, policy.ErrPrincipal):
			return found("give the policies of the user and of the user's groups, or the account's: aws iam get-account-authorization-details", err.Error())
		}
		return found("give documents as IAM has them, or the AWS CLI's answers: docs/doctor.md#ccm401", err.Error())
	}
	if reason := e.notJudged(); reason != "" {
		return skipped(reason)
	}
	return fine(e.Policies.Listing()...)
}

func checkDenied(e *Evidence) Finding {
	return e.met(judged(e, (*policies.Case).DeniedWithoutMFA), language.Text{English: "CodeCommit is denied without MFA; the session has it", Japanese: "MFA がないと CodeCommit が拒否される。セッションには MFA がある"})
}

func checkKMSDenied(e *Evidence) Finding {
	return e.met(judged(e, (*policies.Case).KMSDeniedWithoutMFA), language.Text{English: "KMS is denied without MFA when CodeCommit calls it; the session has it", Japanese: "MFA がないと CodeCommit が呼ぶ KMS が拒否される。セッションには MFA がある"})
}

// met turns an error into a note if the condition is met: git asks this helper, and
// its session has MFA.
func (e *Evidence) met(f Finding, title language.Text) Finding {
	if f.Level != "" || !e.Session.WithMFA() {
		return f
	}
	if chain := e.Git.main().Chain; !chain.Reached() {
		if chain.RemovedBy != nil {
			f.Fix = e.reachHelper()
		}
		return f
	}
	f.Level, f.Title, f.Fix = Info, title, ""
	f.Detail = append(f.Detail, "git asks this helper, which has a session with MFA: the condition is met.")
	return f
}

// checkSimulator compares the decisions with those of IAM's simulator.
func checkSimulator(e *Evidence) Finding {
	if reason := e.notJudged(); reason != "" {
		return skipped(reason)
	}
	if !e.Live {
		return skipped("files were judged: the simulator knows IAM's policies only")
	}
	s := e.Policies.Simulator
	if len(s.Results) == 0 {
		return skipped(cmp.Or(s.Reason, "IAM was not asked"))
	}
	compared := e.Policies.Compare(s.Results)
	if len(compared.Differences) > 0 {
		return e.differing(compared)
	}
	detail := fmt.Sprintf("%d of its answers were compared", len(s.Results)-compared.Open)
	if compared.Open > 0 {
		detail += fmt.Sprintf(", %d depend on what is not known here", compared.Open)
	}
	return fine(detail)
}

// differing reports answers in which the simulator disagrees. If the organization
// denies the request and CodeCommit refuses it too, that is the cause of the 403.
func (e *Evidence) differing(compared policies.Comparison) Finding {
	lines := compared.Differences
	if len(lines) > maxLines {
		lines = append(lines[:maxLines:maxLines], fmt.Sprintf("and %s more", count(len(lines)-maxLines, "answer")))
	}
	if !compared.ByOrganization {
		lines = append(lines, "a change in IAM takes a minute to take effect; if the difference stays, IAM is right: please report the statement")
		return found("git-credential-mfa doctor", lines...)
	}
	lines = append(lines, "A service control policy of the organization does not allow it. A member account can't read these policies.")
	f := found("ask the administrators of the AWS organization; with the document, doctor --policy FILE --scp FILE names the statement", lines...)
	if e.Network.Session.Refused() {
		f.Level = Error
	}
	return f
}

// judged answers a question about the policies. The finding is Skipped if there are
// none, or they could not be read.
func judged(e *Evidence, find func(*policies.Case) policies.Finding) Finding {
	if reason := e.notJudged(); reason != "" {
		return skipped(reason)
	}
	f := find(&e.Policies.Case)
	switch {
	case f.Skipped != "":
		return skipped(f.Skipped)
	case !f.Found:
		return fine(f.Detail...)
	}
	return Finding{Title: f.Title, Detail: f.Detail, Fix: f.Fix, Statements: f.Statements}
}

func checkDeniedWithMFA(e *Evidence) Finding { return judged(e, (*policies.Case).DeniedWithMFA) }
func checkNotAllowed(e *Evidence) Finding    { return judged(e, (*policies.Case).NotAllowed) }
func checkExempt(e *Evidence) Finding        { return judged(e, (*policies.Case).Exempt) }
func checkKMSExempt(e *Evidence) Finding     { return judged(e, (*policies.Case).KMSExempt) }
func checkPlainBool(e *Evidence) Finding     { return judged(e, (*policies.Case).PlainBool) }
func checkLooseAllow(e *Evidence) Finding    { return judged(e, (*policies.Case).LooseAllow) }
func checkAgeLimit(e *Evidence) Finding      { return judged(e, (*policies.Case).AgeLimit) }
func checkListDevicesDenied(e *Evidence) Finding {
	return judged(e, (*policies.Case).ListDevicesDenied)
}
func checkDepends(e *Evidence) Finding { return judged(e, (*policies.Case).Depends) }
