package doctor

import (
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Evidence is what package probe found, in plain values, and the policies to judge.
// The checks use nothing else.
type Evidence struct {
	// Live is false if only policies from files are judged; then the rest is empty.
	// Offline is true if nothing was sent to AWS or the network.
	Live, Offline bool
	// System is the operating system, for whose shell the fixes are.
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

// Failure is an error in plain values. nil means that there is none.
type Failure struct {
	// Text is the message. It contains no secrets.
	Text string
	Kind Kind
	// Fix is the helper's own hint, or "".
	Fix string
}

// Kind is the kind of a Failure that checks distinguish; "" is any other.
type Kind string

// The kinds of failures.
const (
	NotReached      Kind = "not reached" // AWS, or not in time
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

// is reports whether a failure is of a kind.
func (f *Failure) is(kind Kind) bool { return f != nil && f.Kind == kind }

// fix returns the helper's own hint, or else another.
func (f *Failure) fix(otherwise string) string {
	if f == nil || f.Fix == "" {
		return otherwise
	}
	return f.Fix
}

// text returns the message, "" for a nil Failure.
func (f *Failure) text() string {
	if f == nil {
		return ""
	}
	return f.Text
}

// Target is the repository of the run. Known is false if no repository is
// known; then URL is that of a placeholder in the region, for which git's
// settings are read.
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

// address returns the URL of a repository, for which signatures are made.
func address(host, name string) string {
	if name == "" {
		name = policies.PlaceholderName
	}
	return "https://" + host + "/v1/repos/" + name
}

// GitEvidence is what is known about git.
type GitEvidence struct {
	// Gits are the git programs, the one on PATH first.
	Gits    []Git
	Remotes []Remote
	// Stored are the other helpers of the chain, and what they have stored.
	Stored []StoredCredential
	// Program is the program of this helper's line, nil without such a line.
	Program *HelperProgram
	// Refused is git's message about a repository that it refuses, and Remedy the
	// command that it names; "" if there is none.
	Refused, Remedy string
	// NoRemoteCodeCommit is true if git has no git-remote-codecommit, and a remote
	// needs it. NoHome is true if git knows no home folder.
	NoRemoteCodeCommit, NoHome bool
	// OwnPrograms are settings of the repository's own configuration that make git
	// run programs.
	OwnPrograms []string
	Header      string // the place of an http.extraHeader with Authorization
	EmptyAuth   string // the setting that turns on http.emptyAuth
	Proactive   bool   // http.proactiveAuth is set, to any value
	Unverified  string // the setting that turns off the check of certificates
	Netrc       Netrc
	// OwnCAInfo is http.sslCAInfo of the repository's own configuration, which
	// doctor does not trust.
	OwnCAInfo string
}

// main returns the git on PATH.
func (g GitEvidence) main() Git {
	if len(g.Gits) == 0 {
		return Git{}
	}
	return g.Gits[0]
}

// Git is one git program, and its chain of helpers for the target.
type Git struct {
	Path         string
	Major, Minor int
	Chain        Chain
	// Err says why its version or configuration is not known.
	Err error
}

// Chain is the credential helper chain for the target, in git's order. git
// tells all helpers to store the answer of one of them.
type Chain struct {
	Helpers []Helper
	// UseHTTPPath is whether git tells helpers the path, UseHTTPPathFrom the setting
	// that decided it, or nil.
	UseHTTPPath     bool
	UseHTTPPathFrom *Setting
	// Username is the credential.username that git sends along, or nil.
	Username *Setting
	// RemovedBy is the empty "helper =" that removed this helper from the list.
	RemovedBy *Setting
	// Broken is a setting at which git fails.
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
	// Label is the place and the program, without the arguments, which may contain a
	// password.
	Label string
	// Name is the first word of the line: the name after "git credential-".
	Name string
	// Ours is true for this program. Own is true for a line in the repository's own
	// configuration, which someone else may have written.
	Ours, Own bool
	// AWSCLI is true for the helper of the AWS CLI.
	AWSCLI bool
}

// HelperProgram is the program of this helper's line.
type HelperProgram struct {
	Place string // of the line
	Name  string // as the line has it
	// Found is its path, "" if git does not find it. ByGUI is true if a git that was
	// not started from a shell also finds it, on GUIPath.
	Found   string
	ByGUI   bool
	GUIPath []string
}

// Netrc is the entry of curl's netrc file for the host: its place, "" if there
// is none, and whether it is "default", for every host.
type Netrc struct {
	Place     string
	EveryHost bool
}

// AWSEvidence is what is known about the profile and its keys.
type AWSEvidence struct {
	Profile string
	// Places say where each value of the profile came from.
	Places []string
	// Shadows are values that others override, and lines of the AWS files that the
	// SDK does not read as intended.
	Shadows []Problem
	// Unset is true if neither the environment nor the files say where credentials
	// come from.
	Unset bool
	// Endpoint is a setting that sends AWS calls to another address, Region one
	// whose value is not a region; each is empty if there is none.
	Endpoint, Region Problem
	// SourceErr says why the profile could not be read, ConfigErr and KeysErr
	// why there are no keys.
	SourceErr, ConfigErr, KeysErr *Failure
	// KeyID is the access key id, "" without keys; LongTerm is true for a long-term
	// access key.
	KeyID    string
	LongTerm bool
	// Stored is true if the key is in the keyring. Otherwise KeyPlace is the file
	// and line of its secret, "" if it is in no file. KeyAge is when it was
	// created.
	Stored   bool
	KeyPlace string
	KeyAge   KeyAgeEvidence
	// MFALogin is true for temporary keys as "aws configure mfa-login" writes
	// them; Own is the command that uses the long-term access key instead.
	MFALogin bool
	Own      string
	// Serial is the configured MFA device. FIDOSerial is true if it is a FIDO
	// security key, which shows no codes. Roles is how many roles are assumed.
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
