package doctor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
)

func checkProfile(e *Evidence) Finding {
	a := e.AWS
	profile := "profile " + cmp.Or(a.Profile, "default")
	err := cmp.Or(a.SourceErr, a.ConfigErr)
	if err == nil {
		return fine(append([]string{profile}, a.Places...)...)
	}
	fix := "aws configure --profile " + cmp.Or(a.Profile, "default")
	switch {
	case err.is(NoProfile):
		fix = "aws configure list-profiles"
	case err.is(BadSetting):
		f := found("correct it where it is set; the values: git-credential-mfa help", err.Text)
		f.Title = language.Text{English: "a setting of this helper has a value that it does not know", Japanese: "このヘルパーの設定に、解釈できない値がある"}
		return f
	}
	return found(err.fix(fix), append([]string{profile, err.Text}, a.Places...)...)
}

func checkShadows(e *Evidence) Finding { return problems(e.AWS.Shadows...) }

// problems returns one finding of all problems, or that there is none.
func problems(all ...Problem) Finding {
	var lines, fixes []string
	for _, p := range all {
		lines = append(lines, p.Text)
		if !slices.Contains(fixes, p.Fix) {
			fixes = append(fixes, p.Fix)
		}
	}
	if len(lines) == 0 {
		return fine()
	}
	return found(strings.Join(fixes, "\n"), lines...)
}

// checkEndpoint looks for a setting that sends AWS calls to another address: to an
// endpoint in a VPC, or to something that is not AWS. Other checks ignore the
// answers of such an address.
func checkEndpoint(e *Evidence) Finding {
	a := e.AWS
	if a.Endpoint.Text == "" {
		return fine()
	}
	f := problems(a.Endpoint)
	if a.CallerErr != nil {
		f.Level = Error
		f.Detail = append(f.Detail, a.CallerErr.Text)
	}
	return f
}

// checkRegionSetting checks the configured region. Answers to git use the region of
// the host; login and other commands without a host use this one.
func checkRegionSetting(e *Evidence) Finding {
	if e.AWS.Region.Text == "" {
		return fine()
	}
	return problems(e.AWS.Region)
}

func checkKind(e *Evidence) Finding {
	a := e.AWS
	configure := "aws configure --profile " + cmp.Or(a.Profile, "default")
	switch {
	case a.SourceErr != nil || a.ConfigErr != nil:
		return skipped("there is no profile: CCM601")
	case a.KeysErr != nil:
		return found(a.KeysErr.fix(configure), a.KeysErr.Text)
	case a.LongTerm:
		return fine(a.KeyID)
	case a.KeyID != "":
		f := found("", a.KeyID+" is temporary (SSO, aws login, a role, or a pasted session)",
			"git's password is signed with it as it is; doctor can't see whether it was obtained with MFA")
		f.Level, f.Title = Info, language.Text{English: "the AWS keys are temporary", Japanese: "AWS のキーは一時的なもの"}
		if a.MFALogin {
			f.Fix = a.Own
		}
		return f
	case e.Offline && a.Unset:
		f := found(configure, "neither the environment nor the AWS files say where credentials come from; a machine in AWS may still have some")
		f.Level = Warning
		return f
	case e.Offline:
		return skipped("not asked, since it would run the profile's credential source: --offline")
	}
	return skipped("there are no keys to look at")
}

// noCaller returns the reason to skip a check that needs the caller's identity,
// or "".
func (e *Evidence) noCaller() string {
	a := e.AWS
	switch {
	case e.Offline:
		return offlineReason
	case a.SourceErr != nil || a.ConfigErr != nil:
		return "there is no profile to ask with: CCM601"
	case a.KeyID == "":
		return "there are no keys: CCM603"
	case a.Endpoint.Text != "":
		return "AWS itself was not asked: CCM607"
	case a.CallerErr.is(NotReached):
		return "AWS was not reached: " + a.CallerErr.Text
	}
	return ""
}

func checkIdentity(e *Evidence) Finding {
	if reason := e.noCaller(); reason != "" {
		return skipped(reason)
	}
	a := e.AWS
	if a.CallerErr == nil {
		return fine(a.Caller.ARN)
	}
	if a.CallerErr.is(WrongClock) {
		return skipped("the clock is wrong: CCM801")
	}
	return found(a.CallerErr.fix("aws configure --profile "+cmp.Or(a.Profile, "default")), a.CallerErr.Text)
}

func checkPartition(e *Evidence) Finding {
	if e.AWS.Caller.ARN == "" {
		return skipped(cmp.Or(e.noCaller(), "AWS does not know the keys: CCM604"))
	}
	host, own := codecommit.Partition(e.Target.Host.Region), e.AWS.Caller.Partition()
	if host == own {
		return fine(own)
	}
	return found(configure+" "+e.Target.URL+" --profile NAME", "the keys are of "+own+", "+e.Target.Host.Name+" is of "+host)
}

func checkWho(e *Evidence) Finding {
	who := e.AWS.Caller
	switch {
	case who.ARN == "":
		return skipped(cmp.Or(e.noCaller(), "AWS does not know the keys: CCM604"))
	case who.User() != "":
		return fine("the user " + who.User())
	case who.part(5) == "root":
		f := found("delete them, and create an IAM user", "these keys belong to the account's root user, whom IAM's policies do not restrict")
		f.Level = Warning
		return f
	}
	return found("", who.ARN, "git's password is signed with a role's or federated session as it is; a user's policies do not apply to it, and doctor can't see whether its sign-in used MFA")
}
