package doctor

import "github.com/git-credential-mfa/git-credential-mfa/doctor/policies"

// Check is a row of the table: one question about the evidence. To add a check,
// add a row here, its function, and its section in docs/doctor.md.
type Check struct {
	// Code is such as CCM101. It never changes its meaning, and docs/doctor.md
	// explains it.
	Code  string
	Group Group
	// Level is the severity of what it finds, unless the finding has its own.
	Level Level
	// Symptom marks a check that shows a failure without its cause.
	Symptom Symptom
	// Found is the title when the problem is there, Fine when it is not.
	Found, Fine string

	look func(*Evidence) Finding
}

// Checks are all checks, in the order of the report. Whether the policies could
// be read comes before what they say.
//
// No check is about sts:GetSessionToken, because policies have no effect on it
// (id_credentials_temp_control-access_getsessiontoken).
var Checks = []Check{
	{"CCM501", GitGroup, Error, cause, "git is missing or too old", "git is there, and new enough", checkGit},
	{"CCM502", GitGroup, Error, symptom(4), "git does not ask this helper", "git asks this helper", checkChain},
	{"CCM503", GitGroup, Error, cause, "git fails at a setting in its configuration", "git understands its configuration", checkBroken},
	{"CCM504", GitGroup, Error, cause, "git does not tell helpers the path", "git tells helpers the path", checkPath},
	{"CCM505", GitGroup, Warning, cause, "another helper stores what this one answers", "no other helper stores what this one answers", checkStores},
	{"CCM506", GitGroup, Error, cause, "git asks for a username for which this helper has no answer", "git asks for no username of its own", checkName},
	{"CCM507", GitGroup, Error, cause, "another helper answers with an expired password", "no other helper answers with an expired password", checkStale},
	{"CCM508", GitGroup, Error, cause, "another helper answers with a password that was signed by a wrong clock", "no other helper answers with a password signed by a wrong clock", checkFuture},
	{"CCM509", GitGroup, Error, cause, "another helper answers with an HTTPS Git credential, which carries no MFA", "no other helper answers with an HTTPS Git credential", checkStatic},
	{"CCM510", GitGroup, Error, symptom(1), "another helper is asked before this one", "no other helper is asked before this one", checkUnasked},
	{"CCM511", GitGroup, Warning, cause, "the repository's own configuration names a helper", "the repository's own configuration names no other helper", checkOwnHelpers},
	{"CCM512", GitGroup, Warning, cause, "another git on this computer has another chain of helpers", "every git on this computer has the same chain", checkOtherGits},
	{"CCM513", GitGroup, Error, cause, "git does not find this helper's program", "git finds this helper's program", checkProgram},
	{"CCM514", GitGroup, Info, cause, "the repository's own configuration makes git run programs", "the repository's own configuration makes git run no programs", checkOwnPrograms},
	{"CCM515", GitGroup, Error, cause, "git does not take the repository, which belongs to another user", "git takes the repository", checkOwner},
	{"CCM520", GitGroup, Warning, cause, "a remote uses SSH, where no helper is asked", "no remote uses SSH", checkSSH},
	{"CCM521", GitGroup, Warning, cause, "a remote uses git-remote-codecommit, which asks no helper", "no remote uses git-remote-codecommit", checkGRC},
	{"CCM522", GitGroup, Error, cause, "a remote's URL contains a username", "no remote's URL contains a username", checkEmbedded},
	{"CCM523", GitGroup, Error, cause, "a remote uses http, which CodeCommit does not serve", "no remote uses http", checkPlainHTTP},
	{"CCM524", GitGroup, Error, cause, "a remote's path is not a CodeCommit repository's", "the remotes' paths are CodeCommit repositories'", checkRemotePath},
	{"CCM525", GitGroup, Info, cause, "a remote's URL ends in a slash", "no remote's URL ends in a slash", checkSlash},
	{"CCM526", GitGroup, Error, cause, "a remote's host is misspelt: it is almost one of CodeCommit's", "the remotes' hosts are CodeCommit's", checkRemoteHost},
	{"CCM527", GitGroup, Info, cause, "git rewrites a remote's URL", "git rewrites no remote's URL", checkRewritten},
	{"CCM530", GitGroup, Error, cause, "a header in git's configuration overrides every helper", "no header overrides the helpers", checkHeader},
	{"CCM531", GitGroup, Error, cause, "a netrc file overrides every helper", "no netrc file overrides the helpers", checkNetrc},
	{"CCM532", GitGroup, Error, cause, "git sends an empty password before any helper is asked", "git sends no empty password", checkEmptyAuth},
	{"CCM533", GitGroup, Warning, cause, "git checks no certificate", "git checks certificates", checkUnverified},
	{"CCM601", AWSGroup, Error, cause, "the AWS profile can't be used", "the AWS profile can be read", checkProfile},
	{"CCM602", AWSGroup, Warning, cause, "some AWS settings hide others", "no AWS setting hides another", checkShadows},
	{"CCM603", AWSGroup, Error, cause, "there are no AWS keys", "there are long-term keys, for which STS gives sessions", checkKind},
	{"CCM604", AWSGroup, Error, cause, "AWS does not know the profile's keys", "AWS knows the profile's keys", checkIdentity},
	{"CCM605", AWSGroup, Error, cause, "the profile belongs to another partition than the repository's host", "the profile belongs to the host's partition", checkPartition},
	{"CCM606", AWSGroup, Info, cause, "the profile is not an IAM user's", "the profile is an IAM user's", checkWho},
	{"CCM607", AWSGroup, Warning, cause, "a setting sends AWS calls to another address", "AWS calls go to its own addresses", checkEndpoint},
	{"CCM608", AWSGroup, Warning, cause, "the configured region is not a region", "the configured region is a region", checkRegionSetting},
	{"CCM609", AWSGroup, Info, cause, "the long-term access key lies in a file, in the clear", "the long-term access key lies in no file", checkInTheClear},
	{"CCM610", AWSGroup, Info, cause, "the long-term access key is older than 90 days", "the long-term access key is not old", checkKeyAge},
	{"CCM620", MFAGroup, Error, cause, "the user has no MFA device", "the user has an MFA device", checkDevices},
	{"CCM621", MFAGroup, Error, cause, "the user has only FIDO security keys or passkeys, which STS cannot use", "the user has a device that shows codes", checkFIDO},
	{"CCM622", MFAGroup, Error, cause, "the configured MFA device is not the user's", "the configured MFA device is the user's", checkSerial},
	{"CCM701", KeyringGroup, Error, cause, "the keyring fails", "the keyring stores and returns an item", checkKeyring},
	{"CCM702", KeyringGroup, Error, cause, "there is no folder for locks", "the folder for locks can be used", checkLockFolder},
	{"CCM703", KeyringGroup, Info, cause, "jobs without a session bus read another keyring, without a session", "jobs without a session bus find a session", checkJobKeyring},
	{"CCM720", SessionGroup, Info, cause, "there is no session", "there is a session", checkSession},
	{"CCM721", SessionGroup, Error, cause, "AWS rejects the session", "AWS accepts the session", checkSessionTaken},
	{"CCM740", PromptGroup, Warning, symptom(7), "there is no way to ask for the MFA code here", "the MFA code can be asked for", checkPrompt},
	{"CCM801", ClockGroup, Error, cause, "this computer's clock is wrong", "this computer's clock is right", checkClock},
	{"CCM810", NetworkGroup, Error, cause, "CodeCommit's host cannot be reached", "CodeCommit's host is reached", checkReached},
	{"CCM811", NetworkGroup, Error, cause, "git does not trust the certificate of CodeCommit's host", "the certificate of CodeCommit's host is trusted", checkTLS},
	{"CCM812", NetworkGroup, Error, cause, "a proxy refuses the connection, not AWS", "no proxy refuses", checkProxy},
	{"CCM813", NetworkGroup, Error, cause, "CodeCommit's host does not answer as it should", "CodeCommit asks for a password, as it should", checkAnswer},
	{"CCM814", NetworkGroup, Error, cause, "STS cannot be reached", "STS is reached", checkSTS},
	{"CCM820", NetworkGroup, Error, symptom(5), "CodeCommit refuses the long-term key", "CodeCommit accepts the long-term key", checkLongTerm},
	{"CCM821", NetworkGroup, Error, symptom(2), "CodeCommit's 403 asks for MFA: it refuses the long-term key and accepts the session", "MFA makes no difference to CodeCommit", checkForced},
	{"CCM822", NetworkGroup, Error, symptom(3), "CodeCommit refuses the session, MFA or not", "CodeCommit accepts the session", checkPull},
	{"CCM823", NetworkGroup, Warning, symptomOf("CCM103 CCM104"), "CodeCommit lets the session fetch, but not push", "CodeCommit lets the session push", checkPush},
	{"CCM824", NetworkGroup, Error, cause, "the repository is in another region", "the repository was not found in another region", checkRegion},
	{"CCM830", NetworkGroup, Info, cause, "git reaches the repository", "git reaches the repository", checkWitness},
	{"CCM831", NetworkGroup, Error, symptom(6), "git does not reach the repository", "git does not fail", checkUnexplained},
	{"CCM401", PolicyGroup, Error, cause, "the policies cannot be evaluated", "the policies were read", checkRead},
	{"CCM101", PolicyGroup, Error, cause, "CodeCommit is denied without MFA", "CodeCommit is not denied for lack of MFA", checkDenied},
	{"CCM102", PolicyGroup, Error, symptomOf("CCM101"), "KMS is denied without MFA when CodeCommit calls it", "KMS is not denied to CodeCommit for lack of MFA", checkKMSDenied},
	{"CCM103", PolicyGroup, Error, cause, "CodeCommit is denied even with MFA", "CodeCommit is not denied with MFA", judged((*policies.Case).DeniedWithMFA)},
	{"CCM104", PolicyGroup, Error, cause, "nothing allows CodeCommit", "CodeCommit is allowed", judged((*policies.Case).NotAllowed)},
	{"CCM201", PolicyGroup, Warning, cause, "CodeCommit is exempted from MFA", "CodeCommit is not exempted from MFA", judged((*policies.Case).Exempt)},
	{"CCM202", PolicyGroup, Warning, cause, "KMS is exempted from MFA beyond CodeCommit", "KMS is not exempted from MFA beyond CodeCommit", judged((*policies.Case).KMSExempt)},
	{"CCM203", PolicyGroup, Warning, cause, "a Deny with plain Bool lets long-term keys pass without MFA", "no Deny with plain Bool lets long-term keys pass", judged((*policies.Case).PlainBool)},
	{"CCM204", PolicyGroup, Warning, cause, "an Allow with BoolIfExists lets long-term keys pass without MFA", "no Allow with BoolIfExists lets long-term keys pass", judged((*policies.Case).LooseAllow)},
	{"CCM205", PolicyGroup, Info, cause, "nothing asks for MFA", "MFA is asked for", checkAsked},
	{"CCM301", PolicyGroup, Info, cause, "an age limit ends sessions early", "no age limit ends sessions early", judged((*policies.Case).AgeLimit)},
	{"CCM302", PolicyGroup, Warning, cause, "iam:ListMFADevices is denied without MFA", "iam:ListMFADevices is not denied without MFA", judged((*policies.Case).ListDevicesDenied)},
	{"CCM304", PolicyGroup, Info, cause, "some answers depend on what is not known here", "no answer depends on what is not known here", judged((*policies.Case).Depends)},
	{"CCM402", PolicyGroup, Warning, cause, "IAM's simulator disagrees", "IAM's simulator agrees", checkSimulator},
}

// judged makes a check of a question about the policies. It is skipped where there
// are none, or they could not be read.
func judged(find func(*policies.Case) policies.Finding) func(*Evidence) Finding {
	return func(e *Evidence) Finding {
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
}

const (
	offlineReason = "not asked: --offline"
	// configure mends most problems of git's configuration.
	configure = "git-credential-mfa configure"
)
