package doctor

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

var (
	ccm820 = code{"CCM820", NetworkGroup, Error, "CodeCommit refuses the long-term key", "CodeCommit takes the long-term key"}
	ccm821 = code{"CCM821", NetworkGroup, Error, "MFA is what CodeCommit's 403 asks for: it refuses the long-term key and takes the session", "MFA makes no difference to CodeCommit"}
	ccm822 = code{"CCM822", NetworkGroup, Error, "CodeCommit refuses the session, MFA or not", "CodeCommit takes the session"}
	ccm823 = code{"CCM823", NetworkGroup, Warning, "CodeCommit lets the session fetch, but not push", "CodeCommit lets the session push"}
	ccm824 = code{"CCM824", NetworkGroup, Error, "the repository is in another region", "the repository was not found in another region"}
)

// unsigned is the reason to skip what asks about a repository.
func (c *Case) unsigned() string {
	switch {
	case c.unreached() != "":
		return c.unreached()
	case !c.Live.Target.Known:
		return "no repository is known: run doctor in a clone, or with its URL"
	}
	return ""
}

func checkLongTerm(c *Case) []Result {
	p := c.Live.Network.LongTerm
	switch {
	case c.unsigned() != "":
		return ccm820.skip(c.unsigned())
	case !p.asked:
		return ccm820.skip("there is no long-term key that AWS knows")
	case p.passed():
		return ccm820.isNot("nothing asks for MFA here, or CodeCommit is exempted from it: see the policies")
	case !p.refused():
		return ccm820.skip(p.words())
	}
	lines := []string{"signed with " + c.Live.AWS.keys.AccessKeyID + " for " + c.Live.Target.URL + ": 403"}
	s := c.Live.Session
	if !s.usable() {
		lines = append(lines, "where a policy asks for MFA this is how it should be; only a session with MFA can tell: "+c.login()+", then doctor again")
	}
	r := ccm820.is(lines, configure, nil)
	if c.reaches() || s.usable() {
		r[0].Level, r[0].Fix = Info, ""
		if !s.usable() {
			r[0].Fix = c.login()
		}
	}
	return r
}

// checkForced is the proof: the same request, refused without MFA and allowed
// with it.
func checkForced(c *Case) []Result {
	n := c.Live.Network
	switch {
	case c.unsigned() != "":
		return ccm821.skip(c.unsigned())
	case !n.LongTerm.asked || !c.Live.Session.withMFA():
		return ccm821.skip("it takes a long-term key and a session with MFA to tell")
	case !n.LongTerm.refused() || !n.Session.passed():
		return ccm821.isNot()
	}
	lines := []string{"signed with the long-term key: 403; with the session: 200"}
	if c.reaches() {
		r := ccm821.is(append(lines, "git asks this helper: MFA is asked for, and met"), "", nil)
		r[0].Level = Info
		return r
	}
	return ccm821.is(append(lines, "git does not get its password from this helper"), configure, nil)
}

func checkPull(c *Case) []Result {
	n := c.Live.Network
	switch {
	case c.unsigned() != "":
		return ccm822.skip(c.unsigned())
	case !n.Session.asked:
		return ccm822.skip("there is no session: CCM720")
	case n.Session.passed():
		return ccm822.isNot(c.Live.Target.URL)
	case n.Found != "":
		return ccm822.skip("the repository is in another region: CCM824")
	case n.Session.refused() || n.Session.status == 404:
	default:
		return ccm822.skip(n.Session.words())
	}
	if c.Live.Session.CallerErr != nil {
		return ccm822.skip("AWS does not take the session: CCM721")
	}
	t := c.Live.Target
	account := cmp.Or(c.Live.Session.Caller.Account, c.Live.AWS.Caller.Account)
	lines := []string{fmt.Sprintf("%s: %d, signed with a session that AWS knows, and with AWS's time", t.URL, n.Session.status),
		"so it is neither the clock nor the signature, and no other region has a repository of this name",
		"what is left: no Allow, a Deny, a key policy of KMS, an SCP or a VPC endpoint's policy, or there is no repository " + t.Name + " in the account " + account}
	return ccm822.is(lines, "aws codecommit get-repository --repository-name "+t.Name+" --region "+t.Host.Region+", with the session: AWS_PROFILE of a credential_process that is this helper", nil)
}

func checkPush(c *Case) []Result {
	n := c.Live.Network
	switch {
	case c.unsigned() != "":
		return ccm823.skip(c.unsigned())
	case !n.Push.asked:
		return ccm823.skip("there is no session: CCM720")
	case !n.Session.passed():
		return ccm823.skip("it may not fetch either: CCM822")
	case n.Push.refused():
		return c.noPush()
	case !n.Push.passed():
		return ccm823.skip(n.Push.words())
	}
	return ccm823.isNot("before any branch is named: a Deny on codecommit:References shows only at a push")
}

// noPush leaves it to the check of the policies to name the cause, if it does.
func (c *Case) noPush() []Result {
	r := ccm823.is([]string{"codecommit:GitPush is not allowed, or kms:GenerateDataKey or kms:Encrypt is denied"},
		"add an Allow of codecommit:GitPush for "+c.RepositoryARN()+", if pushing is meant to work", nil)
	if !c.judged() {
		return r
	}
	for _, cause := range []struct {
		code code
		find func() policies.Finding
	}{{ccm103, c.DeniedWithMFA}, {ccm104, c.NotAllowed}} {
		if cause.find().Found {
			r[0].Level, r[0].Fix = Info, ""
			r[0].Detail = "the policies say why: " + cause.code.name
			break
		}
	}
	return r
}

func checkRegion(c *Case) []Result {
	n, t := c.Live.Network, c.Live.Target
	switch {
	case c.unsigned() != "":
		return ccm824.skip(c.unsigned())
	case n.Found == "" && !n.Session.refused():
		return ccm824.skip("looked for only when the session is refused")
	case n.Found == "":
		return ccm824.isNot()
	}
	host := codecommit.HostName(n.Found)
	fix := Remote{Name: t.Remote}.setURL(address(host, t.Name))
	return ccm824.is([]string{fmt.Sprintf("the session is refused in %s, and may read a repository %s in %s", t.Host.Region, t.Name, n.Found),
		"CodeCommit answers 403 for a repository that is not there"}, fix, nil)
}

// words says what became of a request that neither passed nor was refused by
// AWS.
func (p probe) words() string {
	switch {
	case p.err != nil:
		return "no answer: " + transportWords(p.err)
	case !p.aws:
		return fmt.Sprintf("the answer %d is not AWS's", p.status)
	}
	return strings.TrimSpace(fmt.Sprintf("CodeCommit answered %d", p.status))
}
