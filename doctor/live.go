package doctor

import (
	"slices"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// The groups of a live run.
const (
	GitGroup     Group = "git"
	AWSGroup     Group = "aws"
	MFAGroup     Group = "mfa"
	KeyringGroup Group = "keyring"
	SessionGroup Group = "session"
	PromptGroup  Group = "prompt"
	ClockGroup   Group = "clock"
	NetworkGroup Group = "network"
)

// LiveChecks are the checks of what a live run found out, in the order of the
// report, before PolicyChecks. They only read: everything was asked before
// (Look, Ask), so that one of them can see what another one is about.
var LiveChecks = slices.Concat([]Check{
	live(ccm501, checkGit), live(ccm502, checkChain), live(ccm503, checkBroken), live(ccm504, checkPath),
	live(ccm505, checkStores), live(ccm506, checkName), live(ccm507, checkStale), live(ccm508, checkFuture),
	live(ccm509, checkStatic), live(ccm510, checkUnasked), live(ccm511, checkOwnHelpers), live(ccm512, checkOtherGits),
	live(ccm513, checkProgram), live(ccm514, checkOwnPrograms),
}, remoteChecks, []Check{
	live(ccm527, checkRewritten),
	live(ccm530, checkHeader), live(ccm531, checkNetrc),
	live(ccm601, checkProfile), live(ccm602, checkShadows), live(ccm603, checkKind), live(ccm604, checkIdentity),
	live(ccm605, checkPartition), live(ccm606, checkWho),
	live(ccm620, checkDevices), live(ccm621, checkFIDO), live(ccm622, checkSerial),
	live(ccm701, checkKeyring), live(ccm720, checkSession), live(ccm721, checkSessionTaken), live(ccm740, checkPrompt),
	live(ccm801, checkClock),
	live(ccm810, checkReached), live(ccm811, checkTLS), live(ccm812, checkProxy), live(ccm813, checkAnswer), live(ccm814, checkSTS),
	live(ccm820, checkLongTerm), live(ccm821, checkForced), live(ccm822, checkPull), live(ccm823, checkPush), live(ccm824, checkRegion),
})

// live makes a check of one that needs what a live run found out.
func live(c code, check func(*Case) []Result) Check {
	return liveCheck{c, check}.run
}

// Evidence is what a live run found out.
type Evidence struct {
	Offline bool
	Target  Target
	Git     GitEvidence
	AWS     AWSEvidence
	Devices DevicesEvidence
	Keyring KeyringEvidence
	Session SessionEvidence
	Prompt  PromptEvidence
	Clock   ClockEvidence
	Network NetworkEvidence
	Policy  PolicyEvidence
	// Simulator is the second opinion on Policy.
	Simulator SimulatorEvidence
	Now       time.Time
}

// Target is the repository that the questions are about. Known is false when
// there is none: then URL is one of the region, by which git's settings are
// looked up.
type Target struct {
	URL    string
	Host   codecommit.Host
	Name   string
	Remote string // git's name for it, if it is a remote of the current repository
	Known  bool
}

// newTarget is a target by host and name.
func newTarget(h codecommit.Host, name string) Target {
	return Target{URL: address(h.Name, name), Host: h, Name: name, Known: name != ""}
}

// address is the one form of a repository's URL that is signed as it stands.
func address(host, name string) string {
	if name == "" {
		name = policies.PlaceholderName
	}
	return "https://" + host + "/v1/repos/" + name
}

const (
	offlineReason = "not asked: --offline"
	// short bounds what asks other programs and hosts, so that a doctor is
	// never a patient.
	short = 5 * time.Second
	long  = 15 * time.Second
)

// heading says what the report is about.
func (e *Evidence) heading() []string {
	switch {
	case e.Target.Remote != "":
		return []string{"For " + e.Target.URL + ", remote " + e.Target.Remote}
	case e.Target.Known:
		return []string{"For " + e.Target.URL}
	}
	return []string{"For CodeCommit in " + e.Target.Host.Region + ": no repository is known, run doctor in a clone, or with its URL"}
}
