package doctor

import (
	"cmp"
	"context"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// PolicyChecks are the checks of policies, in the order of the report. Whether
// the policies could be read comes first, as nothing else says anything if not.
//
// There is none of sts:GetSessionToken: policies have no effect on it
// (id_credentials_temp_control-access_getsessiontoken), whatever they say.
var PolicyChecks = []Check{
	checkRead,
	met(ccm101, (*policies.Case).DeniedWithoutMFA), met(ccm102, (*policies.Case).KMSDeniedWithoutMFA),
	found(ccm103, (*policies.Case).DeniedWithMFA), found(ccm104, (*policies.Case).NotAllowed),
	found(ccm201, (*policies.Case).Exempt), found(ccm202, (*policies.Case).KMSExempt),
	found(ccm203, (*policies.Case).PlainBool), found(ccm204, (*policies.Case).LooseAllow),
	found(ccm205, (*policies.Case).NothingAsksForMFA), found(ccm301, (*policies.Case).AgeLimit),
	found(ccm302, (*policies.Case).ListDevicesDenied), found(ccm304, (*policies.Case).Depends),
	judge(ccm402, checkSimulator),
}

var (
	unread = code{"CCM401", PolicyGroup, Error, "the policies could not be judged", "the policies were read"}
	ccm101 = code{"CCM101", PolicyGroup, Error, "CodeCommit is denied without MFA", "CodeCommit is not denied for lack of MFA"}
	ccm102 = code{"CCM102", PolicyGroup, Error, "KMS is denied without MFA when CodeCommit calls it", "KMS is not denied to CodeCommit for lack of MFA"}
	ccm103 = code{"CCM103", PolicyGroup, Error, "CodeCommit is denied even with MFA", "CodeCommit is not denied with MFA"}
	ccm104 = code{"CCM104", PolicyGroup, Error, "nothing allows CodeCommit", "CodeCommit is allowed"}
	ccm201 = code{"CCM201", PolicyGroup, Warning, "CodeCommit is exempted from MFA", "CodeCommit is not exempted from MFA"}
	ccm202 = code{"CCM202", PolicyGroup, Warning, "KMS is exempted from MFA beyond CodeCommit", "KMS is not exempted from MFA beyond CodeCommit"}
	ccm203 = code{"CCM203", PolicyGroup, Warning, "a plain Bool lets long-term keys past the question for MFA", "no Deny lets long-term keys past by a plain Bool"}
	ccm204 = code{"CCM204", PolicyGroup, Warning, "an Allow with BoolIfExists lets long-term keys in", "no Allow lets long-term keys in by BoolIfExists"}
	ccm205 = code{"CCM205", PolicyGroup, Info, "nothing asks for MFA", "MFA is asked for"}
	ccm301 = code{"CCM301", PolicyGroup, Info, "an age limit ends sessions early", "no age limit ends sessions early"}
	ccm302 = code{"CCM302", PolicyGroup, Warning, "iam:ListMFADevices is denied without MFA", "iam:ListMFADevices is not denied without MFA"}
	ccm304 = code{"CCM304", PolicyGroup, Info, "some answers depend on what is not known here", "no answer depends on what is not known here"}
)

// found makes a check of a question about policies.
func found(c code, find func(*policies.Case) policies.Finding) Check {
	return judge(c, func(subject *Case) []Result { return c.of(find(&subject.Case)) })
}

// of turns what policies came to into a result.
func (c code) of(f policies.Finding) []Result {
	switch {
	case f.Skipped != "":
		return c.skip(f.Skipped)
	case !f.Found:
		return c.isNot(f.Detail...)
	}
	r := c.is(f.Detail, f.Fix, f.Statements)
	r[0].Title = cmp.Or(f.Title, r[0].Title)
	return r
}

// met makes a check whose error is information when MFA is asked for, and met.
func met(c code, find func(*policies.Case) policies.Finding) Check {
	return judge(c, func(subject *Case) []Result {
		r := c.of(find(&subject.Case))
		if subject.Met && r[0].Level == Error {
			r[0].Level, r[0].Fix = Info, ""
			r[0].Title += "; the session has it"
			r[0].Detail += "\ngit's list has this helper, which has a session with MFA: MFA is asked for, and met."
		}
		return r
	})
}

// judge makes a check of one that needs policies to look at.
func judge(c code, check func(*Case) []Result) Check {
	return func(_ context.Context, subject *Case) []Result {
		switch {
		case subject.Unread != nil:
			return c.skip("not judged, as not everything could be read: CCM401")
		case !subject.judged():
			return c.skip(subject.noPolicy())
		}
		return check(subject)
	}
}

// configure is what mends most of what is wrong with git's configuration.
const configure = "git-credential-mfa configure"
