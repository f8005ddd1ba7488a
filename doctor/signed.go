package doctor

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// unsigned returns the reason to skip a check that needs signed requests for a
// repository, or "".
func (e *Evidence) unsigned() string {
	switch {
	case e.unreached() != "":
		return e.unreached()
	case !e.Target.Known:
		return "no repository is known: run doctor in a clone, or with its URL"
	}
	return ""
}

func checkLongTerm(e *Evidence) Finding {
	p := e.Network.LongTerm
	switch {
	case e.unsigned() != "":
		return skipped(e.unsigned())
	case !p.Asked:
		return skipped("there is no long-term key that AWS knows")
	case p.Passed():
		return fine("nothing requires MFA here, or CodeCommit is exempted from it: see the policies")
	case !p.Refused():
		return skipped(p.outcome())
	}
	lines := []string{"signed with " + e.AWS.KeyID + " for " + e.Target.URL + ": 403"}
	s := e.Session
	if !s.Usable() {
		lines = append(lines, "if a policy requires MFA, this is expected; to find out, start a session: "+e.login()+", then run doctor again")
	}
	f := found(configure, lines...)
	if e.reaches() || s.Usable() {
		f.Level, f.Fix = Info, ""
		if !s.Usable() {
			f.Fix = e.login()
		}
	}
	return f
}

// checkForced checks whether the same request is refused without MFA and
// allowed with it, which proves that MFA is required.
func checkForced(e *Evidence) Finding {
	n := e.Network
	switch {
	case e.unsigned() != "":
		return skipped(e.unsigned())
	case !n.LongTerm.Asked || !e.Session.WithMFA():
		return skipped("this needs a long-term key and a session with MFA")
	case !n.LongTerm.Refused() || !n.Session.Passed():
		return fine()
	}
	lines := []string{"signed with the long-term key: 403; with the session: 200"}
	if e.reaches() {
		f := found("", append(lines, "git asks this helper: MFA is asked for, and met")...)
		f.Level = Info
		return f
	}
	return found(configure, append(lines, "git does not get its password from this helper")...)
}

func checkPull(e *Evidence) Finding {
	n := e.Network
	switch {
	case e.unsigned() != "":
		return skipped(e.unsigned())
	case !n.Session.Asked:
		return skipped("there is no session: CCM720")
	case n.Session.Passed():
		return fine(e.Target.URL)
	case n.Found != "":
		return skipped("the repository is in another region: CCM824")
	case n.Session.Refused() || n.Session.Status == notFound:
	default:
		return skipped(n.Session.outcome())
	}
	if e.Session.CallerErr != nil {
		return skipped("AWS rejects the session: CCM721")
	}
	t := e.Target
	account := cmp.Or(e.Session.Caller.Account, e.AWS.Caller.Account)
	lines := []string{fmt.Sprintf("%s: %d, signed with a session that AWS knows, and with AWS's time", t.URL, n.Session.Status),
		"so it is neither the clock nor the signature, and there is no repository of this name in another region",
		"what remains: no Allow, a Deny, the KMS key's policy, an SCP, a VPC endpoint's policy, or no repository " + t.Name + " in the account " + account}
	profile := cmp.Or(e.AWS.Profile, "default")
	mfa := e.System.Quote(profile + "-mfa") // the AWS CLI says more than git, if it has the session
	return found("aws configure set credential_process "+e.System.Quote("git-credential-mfa --profile "+e.System.Quote(profile)+" credential-process")+" --profile "+mfa+
		"\naws codecommit get-repository --repository-name "+t.Name+" --region "+t.Host.Region+" --profile "+mfa, lines...)
}

func checkPush(e *Evidence) Finding {
	n := e.Network
	switch {
	case e.unsigned() != "":
		return skipped(e.unsigned())
	case !n.Push.Asked:
		return skipped("there is no session: CCM720")
	case !n.Session.Passed():
		return skipped("it cannot fetch either: CCM822")
	case n.Push.Refused():
		return found("add an Allow of codecommit:GitPush for "+e.Policies.RepositoryARN()+", if pushing is meant to work",
			"codecommit:GitPush is not allowed, or kms:GenerateDataKey or kms:Encrypt is denied")
	case !n.Push.Passed():
		return skipped(n.Push.outcome())
	}
	return fine("asked before any branch is known: a Deny on codecommit:References shows only at a push")
}

func checkRegion(e *Evidence) Finding {
	n, t := e.Network, e.Target
	switch {
	case e.unsigned() != "":
		return skipped(e.unsigned())
	case n.Found == "" && !n.Session.Refused():
		return skipped("only looked for when the session is refused")
	case n.Found == "":
		return fine()
	}
	host := codecommit.HostName(n.Found)
	fix := Remote{Name: t.Remote}.setURL(e.System, address(host, t.Name))
	return found(fix, fmt.Sprintf("the session is refused in %s, and may read a repository %s in %s", t.Host.Region, t.Name, n.Found),
		"CodeCommit answers 403 for a repository that is not there")
}

// outcome describes the answer to a request that neither passed nor was refused by
// AWS.
func (a Answer) outcome() string {
	switch {
	case a.Err != nil:
		return "no answer: " + a.Err.text()
	case !a.AWS:
		return fmt.Sprintf("the answer %d does not come from AWS", a.Status)
	}
	return strings.TrimSpace(fmt.Sprintf("CodeCommit answered %d", a.Status))
}
