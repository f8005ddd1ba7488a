package doctor

import (
	"cmp"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

func checkProfile(e *Evidence) Finding {
	a := e.AWS
	profile := "profile " + cmp.Or(a.Profile, "default")
	err := cmp.Or(a.SourceErr, a.ConfigErr)
	if err == nil {
		return fine(append([]string{profile}, a.Places...)...)
	}
	fix := "aws configure --profile " + cmp.Or(a.Profile, "default")
	if err.is(NoProfile) {
		fix = "aws configure list-profiles"
	}
	return found(fix, append([]string{profile, err.Text}, a.Places...)...)
}

func checkShadows(e *Evidence) Finding {
	if shadows := e.AWS.Shadows; len(shadows) > 0 {
		return found("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN, or take out the line that is not meant", shadows...)
	}
	return fine()
}

func checkKind(e *Evidence) Finding {
	a := e.AWS
	switch {
	case a.SourceErr != nil || a.ConfigErr != nil:
		return skipped("there is no profile: CCM601")
	case a.KeysErr != nil:
		return found("aws configure --profile "+cmp.Or(a.Profile, "default"), a.KeysErr.Text)
	case a.LongTerm:
		return fine(a.KeyID)
	case a.KeyID != "":
		f := found("", a.KeyID+" is temporary (SSO, aws login, a role, or a pasted session)",
			"git's password is signed with it as it is; whether MFA is in it can't be seen from here")
		f.Level, f.Title = Info, "the AWS keys are temporary"
		return f
	case e.Offline:
		return skipped("only running the profile's source would tell: --offline")
	}
	return skipped("there are no keys to look at")
}

// noCaller is the reason to skip what needs to know who is asking.
func (e *Evidence) noCaller() string {
	a := e.AWS
	switch {
	case e.Offline:
		return offlineReason
	case a.SourceErr != nil || a.ConfigErr != nil:
		return "there is no profile to ask with: CCM601"
	case a.KeyID == "":
		return "there are no keys: CCM603"
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
	fix := "aws configure --profile " + cmp.Or(a.Profile, "default")
	switch {
	case a.CallerErr.is(UnknownKey):
		fix = "make or activate an access key in the IAM console, then: " + fix
	case a.CallerErr.is(ExpiredToken):
		fix = "take the session token out of the profile or the environment, or: aws sso login --profile " + cmp.Or(a.Profile, "default")
	case a.CallerErr.is(WrongClock):
		return skipped("the clock is wrong: CCM801")
	}
	return found(fix, a.CallerErr.Text)
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
		f := found("delete them, and make an IAM user", "these are keys of the account's root user, which IAM's policies do not restrict")
		f.Level = Warning
		return f
	}
	return found("", who.ARN, "a role's or federated session is signed with as it is; a user's policies do not apply to it, and whether MFA was used only its sign-in knows")
}
