package doctor

import (
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Evidence is what package probe found out, in plain values, and the policies to
// judge. It is all that the checks know.
type Evidence struct {
	// Live is false if only policies from files are judged; then the rest is
	// empty. Offline is true if neither AWS nor the network was asked.
	Live, Offline bool
	// System is the operating system, in whose shells a fix is worded.
	System   shell.System
	Now      time.Time
	Target   Target
	Git      GitEvidence
	AWS      AWSEvidence
	Devices  DevicesEvidence
	Keyring  KeyringEvidence
	Session  SessionEvidence
	Prompt   PromptEvidence
	Clock    ClockEvidence
	Network  NetworkEvidence
	Witness  Witness
	Policies PolicyEvidence
}

// Failure is an error in plain values. A nil Failure is none.
type Failure struct {
	// Text is for people and holds no secrets.
	Text string
	Kind Kind
	// Fix is what mends it, where those who looked know; "" where they do not.
	Fix string
}

// Kind is the kind of a Failure, as far as checks tell them apart; "" is any
// other.
type Kind string

// The kinds of failures.
const (
	NotReached      Kind = "not reached" // on the way to AWS, or out of time
	UnknownKey      Kind = "unknown key"
	ExpiredToken    Kind = "expired token"
	WrongClock      Kind = "wrong clock"
	NoProfile       Kind = "no profile"
	BadSetting      Kind = "bad setting" // of this helper
	KeyringLocked   Kind = "keyring locked"
	KeyringSilent   Kind = "keyring silent"
	WrongPassphrase Kind = "wrong passphrase"
	PromptForbidden Kind = "prompt forbidden"
	NoSuchName      Kind = "no such name" // of a host
	BadCertificate  Kind = "bad certificate"
	ProxyRefused    Kind = "proxy refused"
)

// is reports whether it is a failure of a kind.
func (f *Failure) is(kind Kind) bool { return f != nil && f.Kind == kind }

// fix is what mends it: what those who looked know, or else this.
func (f *Failure) fix(otherwise string) string {
	if f == nil || f.Fix == "" {
		return otherwise
	}
	return f.Fix
}

// text is "" for a nil Failure.
func (f *Failure) text() string {
	if f == nil {
		return ""
	}
	return f.Text
}

// Target is the repository that the run is about. Known is false if no repository
// is known; then URL names a placeholder in the region, by which git's settings
// are looked up.
type Target struct {
	URL    string
	Host   codecommit.Host
	Name   string
	Remote string // git's name for it, if it is a remote of the current repository
	Known  bool
}

// NewTarget returns the target with a host and a name. The name may be "".
func NewTarget(h codecommit.Host, name string) Target {
	return Target{URL: address(h.Name, name), Host: h, Name: name, Known: name != ""}
}

// address returns the URL of a repository in the form that a signature is for.
func address(host, name string) string {
	if name == "" {
		name = policies.PlaceholderName
	}
	return "https://" + host + "/v1/repos/" + name
}

// GitEvidence is what is known of git.
type GitEvidence struct {
	// Gits are the git programs, the one on PATH first.
	Gits    []Git
	Remotes []Remote
	// Stored are the other helpers of the chain, and what they have stored.
	Stored []StoredCredential
	// Program is the program of this helper's line, nil without such a line.
	Program *HelperProgram
	// Refused is what git says of a repository that it does not take, and Remedy
	// the command that it names; "" for none.
	Refused, Remedy string
	// NoRemoteCodeCommit is true if git has no git-remote-codecommit, and a remote
	// needs it. NoHome is true if git knows no home folder.
	NoRemoteCodeCommit, NoHome bool
	// OwnPrograms are those that the repository's own configuration has git run.
	OwnPrograms []string
	Header      string // where an http.extraHeader authorizes
	EmptyAuth   string // where http.emptyAuth is switched on
	Proactive   bool   // http.proactiveAuth is set, to whatever
	Unverified  string // where git is told to check no certificate
	Netrc       Netrc
	// OwnCAInfo is http.sslCAInfo of the repository's own configuration, which
	// is not trusted here.
	OwnCAInfo string
}

// main returns the git on PATH.
func (g GitEvidence) main() Git {
	if len(g.Gits) == 0 {
		return Git{}
	}
	return g.Gits[0]
}

// Git is one git program, and what it does for the target.
type Git struct {
	Path         string
	Major, Minor int
	Chain        Chain
	// Err says why nothing is known of it.
	Err error
}

// Chain is the credential helper chain for the target, in git's order. All
// helpers are told to store what one of them answered.
type Chain struct {
	Helpers []Helper
	// UseHTTPPath is whether helpers are told the path, UseHTTPPathFrom the
	// setting that decided it, nil where none did.
	UseHTTPPath     bool
	UseHTTPPathFrom *Setting
	// Username is the credential.username that git sends along, or nil.
	Username *Setting
	// RemovedBy is the empty "helper =" that took this helper out of the list.
	RemovedBy *Setting
	// Broken is a setting at which git stops with an error.
	Broken *Setting
}

// Reached reports whether git asks this program.
func (c Chain) Reached() bool {
	return slices.ContainsFunc(c.Helpers, func(h Helper) bool { return h.Ours })
}

// Setting is a git setting with its place.
type Setting struct {
	Place       string // file and line
	File        string
	Name, Value string
	// Last is true for a setting that git reads after the global configuration:
	// one of the repository's, of the command line, or of the environment.
	Last bool
}

// Helper is a credential helper that git's configuration names.
type Helper struct {
	Place string // file and line
	// Label is the place and the program. It leaves out the arguments, which may
	// hold a password.
	Label string
	// Name is the first word of the line: what stands after "git credential-".
	Name string
	// Ours is true for this program. Own is true for a line in the repository's
	// own configuration, which may come from somebody else.
	Ours, Own bool
	// AWSCLI is true for the helper of the AWS CLI.
	AWSCLI bool
}

// HelperProgram is the program of this helper's line.
type HelperProgram struct {
	Place string // of the line
	Name  string // as it is written there
	// Found is its path, "" if git does not find it. ByGUI is true if a git
	// that was not started from a shell finds it too, by GUIPath.
	Found   string
	ByGUI   bool
	GUIPath []string
}

// Netrc is an entry of curl's netrc file that counts for the host, if there is
// one: where it begins, and whether it is "default", for every host.
type Netrc struct {
	Place     string
	EveryHost bool
}

// AWSEvidence is what is known of the profile and its keys.
type AWSEvidence struct {
	Profile string
	// Places say where each value of the profile came from.
	Places []string
	// Shadows are values that others override, and lines of the AWS files that
	// the SDK reads otherwise than meant.
	Shadows []Problem
	// Unset is true where neither the environment nor the files say where
	// credentials come from.
	Unset bool
	// Endpoint is the setting that sends AWS calls to another address, Region the
	// one that names no region; each is empty if there is none.
	Endpoint, Region Problem
	// SourceErr says why the profile could not be read, ConfigErr and KeysErr
	// why there are no keys.
	SourceErr, ConfigErr, KeysErr *Failure
	// KeyID is the access key id, "" without keys; LongTerm is true for keys
	// that last.
	KeyID    string
	LongTerm bool
	// Stored is true when the key lies in the keyring; else KeyPlace is the file
	// and line of its secret, "" outside of files. KeyAge is when it was made.
	Stored   bool
	KeyPlace string
	KeyAge   KeyAgeEvidence
	// MFALogin is true for temporary keys as "aws configure mfa-login" writes
	// them; Own is the command that uses the access key behind them.
	MFALogin bool
	Own      string
	// Serial is the configured MFA device, FIDOSerial true if it is one that
	// shows no codes. Roles is how many roles are assumed.
	Serial     string
	FIDOSerial bool
	Roles      int
	// Caller is the identity of the keys; CallerErr says why AWS gave none.
	Caller    Caller
	CallerErr *Failure
}

// KeyAgeEvidence is IAM's answer about the access key: zero when IAM was not
// asked.
type KeyAgeEvidence struct {
	Created time.Time
	Err     *Failure
}

// Problem is something that is wrong, with its fix.
type Problem struct{ Text, Fix string }

// Caller is the answer of sts:GetCallerIdentity.
type Caller struct{ ARN, Account, UserID string }

// part returns one of the six parts of the ARN.
func (c Caller) part(i int) string {
	if parts := strings.SplitN(c.ARN, ":", 6); len(parts) == 6 {
		return parts[i]
	}
	return ""
}

// Partition returns the partition of the ARN, such as "aws".
func (c Caller) Partition() string { return c.part(1) }

// User returns the name of the IAM user without its path, or "" for any other
// identity.
func (c Caller) User() string {
	name, ok := strings.CutPrefix(c.part(5), "user/")
	if !ok {
		return ""
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// DevicesEvidence are the MFA devices of the user: those that show codes, and
// FIDO security keys and passkeys, which do not.
type DevicesEvidence struct {
	Asked         bool
	Serials, FIDO []string
	Err           *Failure
	// ToRegister is the command that registers one which shows codes.
	ToRegister string
}

// KeyringEvidence is the round trip of an item, and the folder for locks.
type KeyringEvidence struct {
	Backend string
	Err     *Failure
	// LockFolder is where the locks are; LockErr why there is no such folder.
	LockFolder string
	LockErr    *Failure
	// Job is what a job without a session bus finds in its keyring.
	Job JobEvidence
}

// JobEvidence is what a job without a session bus (cron, git maintenance) finds.
// Asked is false where it finds what everyone finds.
type JobEvidence struct {
	Asked   bool
	Backend string
	Stored  bool
	Err     *Failure
}

// SessionEvidence is the session of the profile, if there is one.
type SessionEvidence struct {
	Stored  bool
	Expired bool
	Left    time.Duration
	ARN     string
	Profile string
	Serial  string
	// ClockOffset is the one that the session was started with.
	ClockOffset time.Duration
	// Temporary is true for a source that needs no session.
	Temporary bool
	// Err says why it could not be read or started.
	Err *Failure
	// Caller is the identity of the session; CallerErr says why AWS gave none.
	Caller    Caller
	CallerErr *Failure
}

// Usable reports whether there is a session to sign with.
func (s SessionEvidence) Usable() bool { return s.Stored && !s.Expired }

// WithMFA reports whether STS gave the session for an MFA code.
func (s SessionEvidence) WithMFA() bool { return s.Usable() && s.Serial != "" }

// PromptEvidence is how the code would be asked for.
type PromptEvidence struct {
	Way     string
	Reasons []string
	Err     *Failure
}

// ClockEvidence is the offset of AWS's clock from the local one.
type ClockEvidence struct {
	Known  bool
	Offset time.Duration
	Source string
}

// NetworkEvidence are the answers of CodeCommit's host.
type NetworkEvidence struct {
	Proxy string // without a password
	// Direct is the setting that keeps git from using a proxy, if there is one.
	Direct    Problem
	WayErr    error
	Anonymous Answer
	LongTerm  Answer
	Session   Answer // fetching, with the session
	Push      Answer
	// Found is another region in which the session may read a repository of
	// this name, or "".
	Found string
}

// Answer is the answer to a request such as git's first one, GET info/refs. It
// changes nothing.
type Answer struct {
	Asked  bool
	Status int
	// AWS is true if the answer has an x-amzn-RequestId, which no proxy sends.
	AWS bool
	// Basic is true if it asks for a password.
	Basic bool
	Via   string
	// Err says why there was no answer. Issuer is the issuer of a refused
	// certificate, ProxyStatus the status of a proxy's own answer.
	Err         *Failure
	Issuer      string
	ProxyStatus int
}

// Passed reports whether git would have got the references.
func (a Answer) Passed() bool { return a.Asked && a.Err == nil && a.Status == 200 }

// Refused reports whether AWS answered 403.
func (a Answer) Refused() bool { return a.Asked && a.Err == nil && a.Status == forbidden && a.AWS }

// PolicyEvidence are the policies, from files or from IAM.
type PolicyEvidence struct {
	policies.Case
	// Audit asks as an administrator does: is MFA forced, and does git work
	// with it?
	Audit bool
	// Err says why the policies could not be read. Then none is judged, since a
	// missing policy could turn the answer around.
	Err error
	// Reason says why IAM gave none.
	Reason string
	// Simulator is what IAM's simulator says about them.
	Simulator SimulatorEvidence
}

// SimulatorEvidence are the results of IAM's simulator. Reason says why there are
// none.
type SimulatorEvidence struct {
	Results []policies.SimulatorResult
	Reason  string
}
