package doctor

import "context"

// PolicyChecks are the checks of policies, in the order of the report. Whether
// the policies could be read comes first, as nothing else says anything if not.
//
// There is none of sts:GetSessionToken: policies have no effect on it
// (id_credentials_temp_control-access_getsessiontoken), whatever they say.
var PolicyChecks = []Check{
	checkRead,
	judge(ccm101, checkDenied), judge(ccm102, checkKMSDenied), judge(ccm103, checkDeniedWithMFA), judge(ccm104, checkAllowed),
	judge(ccm201, checkExempt), judge(ccm202, checkKMSExempt), judge(ccm203, checkPlainBool), judge(ccm204, checkLooseAllow),
	judge(ccm205, checkAsked), judge(ccm301, checkAge), judge(ccm302, checkListDevices), judge(ccm304, checkDepends),
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
