// Package probe collects the evidence that doctor judges. It runs git, asks other
// helpers what they have stored, reads the keyring and the AWS files, and calls
// AWS and CodeCommit. It changes nothing, and asks for an MFA code only with
// Options.Login.
package probe

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// System is what git and the helper run in.
type System struct {
	// Dir is the folder in which git runs, Home the user's home folder.
	Dir, Home string
	Environ   []string
	Getenv    func(string) string
	// GitEnviron are variables for git only: the passphrase of the file keyring,
	// which this program has removed from its own environment.
	GitEnviron []string
}

// lookupEnv returns a variable of the environment, and whether it is set.
func (s System) lookupEnv(name string) (value string, set bool) {
	return gitexec.Lookup(s.Environ, name)
}

// Options are what the user asked for.
type Options struct {
	// Offline means that nothing is sent.
	Offline bool
	// URL is the URL that the user gave, or "". Wanted are the options about the
	// repository.
	URL    string
	Wanted policies.Repository
	// Login allows starting a session, which asks for the code.
	Login bool
	Fetch Fetch
	// Done is called with each group of checks when its evidence is complete. It may
	// be nil.
	Done func(doctor.Group)
}

// done reports that the evidence of some groups is complete.
func (o Options) done(groups ...doctor.Group) {
	for _, group := range groups {
		if o.Done != nil {
			o.Done(group)
		}
	}
}

// Probe is one run: Start looks at git, Ask at the helper and AWS.
type Probe struct {
	System
	Options
	evidence *doctor.Evidence

	settings []gitconfig.Entry // of the git on PATH, in its order
	chain    gitconfig.Chain   // of that git
	way      awsclient.Way     // of that git, to the target
	keys     aws.Credentials   // of the profile
	storedID string            // of the access key in the keyring
	session  cache.Session
	client   *http.Client // to CodeCommit
	hints    func(error) []string
}

const (
	// short is the time limit for other programs and hosts, long the one for AWS.
	short = 5 * time.Second
	long  = 15 * time.Second
)

// Start reads git's configuration, and asks other helpers what they have stored. It
// runs no program that a repository brings, and uses no network.
func Start(ctx context.Context, s System, o Options) *Probe {
	gits := gitPrograms(runtime.GOOS, s.Getenv)
	if len(gits) > 0 {
		s = s.named(ctx, gits[0]) // mutation: a mirror is a repository
	}
	p := readSettings(ctx, s, o, gits)
	e := p.evidence
	for i, path := range gits {
		git, chain := s.examineGit(ctx, path, e.Target.URL)
		e.Git.Gits = append(e.Git.Gits, git)
		if i == 0 {
			p.chain = chain
		}
	}
	if len(gits) > 0 && o.URL == "" {
		e.Git.Refused, e.Git.Remedy = s.refusal(ctx, gits[0])
	}
	p.readWay(gits)
	if len(gits) > 0 {
		e.Git.Program = p.helperProgram(ctx, gits[0])
		e.Git.Stored = p.storedCredentials(ctx, gits[0])
		e.Git.NoRemoteCodeCommit = p.lacksRemoteCodeCommit(ctx, gits[0])
	}
	p.done(doctor.GitGroup)
	return p
}

// Settings reads git's configuration and netrc for a URL. It asks no helper.
func Settings(ctx context.Context, s System, url string) *doctor.Evidence {
	return readSettings(ctx, s, Options{Offline: true, URL: url}, gitPrograms(runtime.GOOS, s.Getenv)).evidence
}

// readSettings reads what does not depend on the chain of helpers.
func readSettings(ctx context.Context, s System, o Options, gits []string) *Probe {
	e := &doctor.Evidence{Live: true, Offline: o.Offline, System: shell.Here, Now: time.Now()}
	p := &Probe{System: s, Options: o, evidence: e}
	if len(gits) > 0 {
		p.settings, _ = s.git(gits[0]).Entries(ctx) // examineGit says why not
	}
	settings := p.settings
	e.Git.Remotes = remotesOf(settings)
	if o.URL != "" {
		e.Git.Remotes = []doctor.Remote{rewrite(settings, doctor.Remote{URL: o.URL})}
		if r, ok := pushRewrite(settings, doctor.Remote{URL: o.URL}); ok {
			e.Git.Remotes = append(e.Git.Remotes, r)
		}
	}
	e.Target = doctor.ChooseTarget(e.Git.Remotes, o.Wanted, cmp.Or(s.Getenv("AWS_REGION"), s.Getenv("AWS_DEFAULT_REGION")))
	if !e.Target.Known && o.Wanted.Name == "" {
		p.targetBeforeRewriting()
	}
	e.Git.OwnPrograms = ownPrograms(settings)
	e.Git.NoHome = gitexec.Home(s.Environ) == ""
	e.Git.Netrc = s.netrc(e.Target.Host.Name)
	p.readHTTP()
	return p
}

// targetBeforeRewriting sets the target to the repository that the user or a remote
// names, if git rewrites its URL to a foreign host.
func (p *Probe) targetBeforeRewriting() {
	plain := slices.DeleteFunc(slices.Clone(p.settings), func(s gitconfig.Entry) bool { return s.Section == "url" })
	remotes := remotesOf(plain)
	if p.URL != "" {
		remotes = []doctor.Remote{{URL: p.URL}}
	}
	if t := doctor.ChooseTarget(remotes, p.Wanted, ""); t.Known {
		p.evidence.Target = t
	}
}

// Target is the repository that the run is about.
func (p *Probe) Target() doctor.Target { return p.evidence.Target }

// Helper is what the credential helper would use for the target.
type Helper struct {
	// Provider is nil if the profile could not be read; Err says why.
	Provider *session.Provider
	Store    *cache.Store
	Prompter *prompt.Prompter
	Err      error
	// BadSetting is true if Err is about a setting of this helper, and not about
	// the profile.
	BadSetting bool
	// KeyringErr says why there is no Store.
	KeyringErr error
	// Profile is the profile in use, and Source what the AWS files and the
	// environment say about it.
	Profile string
	Source  session.Source
	// Hints returns the hints for an error.
	Hints func(error) []string
}

// Ask examines the helper's keyring, session and prompt and, unless offline, calls
// AWS. It returns the complete evidence.
func (p *Probe) Ask(ctx context.Context, h Helper) *doctor.Evidence {
	e := p.evidence
	p.hints = h.Hints
	e.AWS.Profile, e.AWS.SourceErr = h.Profile, p.failed(h.Err)
	if h.BadSetting {
		e.AWS.SourceErr.Kind = doctor.BadSetting
	}
	p.readProfile(h.Source)
	if h.Store != nil {
		e.Keyring.Backend = h.Store.Backend()
		e.Keyring.Err = p.failed(h.Store.Check())
	} else {
		e.Keyring.Err = p.failed(h.KeyringErr)
	}
	dir, err := cache.LockDir()
	if e.Keyring.LockFolder, e.Keyring.LockErr = dir, p.failed(err); err != nil {
		e.Keyring.LockErr.Fix = strings.Join(cache.FolderHints(err), ", or: ")
	}
	if h.Prompter != nil {
		way, reasons, err := h.Prompter.Describe()
		e.Prompt = doctor.PromptEvidence{Way: way, Reasons: reasons, Err: p.failed(err)}
	}
	if h.Provider != nil {
		p.keys = h.Provider.OwnKeys()
		p.readKeyPlace(h.Provider.Source)
		e.AWS.Serial, e.AWS.FIDOSerial = h.Provider.Serial, session.IsFIDO(h.Provider.Serial)
		e.AWS.Roles = len(h.Provider.Source.Roles)
		p.readSession(ctx, h)
		p.readJobKeyring(ctx, h)
	}
	p.done(doctor.KeyringGroup, doctor.SessionGroup, doctor.PromptGroup)
	var witness sync.WaitGroup
	witness.Go(func() { e.Witness = p.askGit(ctx) })
	switch {
	case p.Offline:
	case h.Provider == nil:
		p.askNetwork(ctx)
	default:
		p.askAWS(ctx, h.Provider)
	}
	witness.Wait()
	p.conclude()
	return e
}

// conclude adds what is known only at the end: the keys, and the repository for
// which the policies are judged.
func (p *Probe) conclude() {
	e := p.evidence
	e.AWS.KeyID, e.AWS.LongTerm = p.keys.AccessKeyID, p.longTerm()
	if e.AWS.Stored && e.AWS.KeyID == "" && p.Offline { // the profile has the id; the key is not read
		e.AWS.KeyID, e.AWS.LongTerm = p.storedID, true
	}
	e.Policies.Now, e.Policies.Repository = e.Now, p.Wanted
	r := &e.Policies.Repository
	r.Region = cmp.Or(r.Region, e.Target.Host.Region)
	r.Name = cmp.Or(r.Name, e.Target.Name)
	r.Account = cmp.Or(r.Account, e.Session.Caller.Account, e.AWS.Caller.Account)
}

// readSession reads the cached session. Only with Login it starts one.
func (p *Probe) readSession(ctx context.Context, h Helper) {
	var s cache.Session
	var err error
	switch {
	case h.Provider.Source.Temporary():
		p.evidence.Session.Temporary = true
		s, err = h.Provider.Session(ctx, session.Kept)
	case p.Login && !p.Offline:
		s, err = h.Provider.Session(ctx, session.Kept)
	default:
		s, err = h.Provider.Store.Session(h.Provider.Identity())
	}
	switch {
	case err == nil:
		p.noteSession(s)
	case !errors.Is(err, cache.ErrNotFound):
		p.evidence.Session.Err = p.failed(err)
	}
}

// readJobKeyring looks for the session in the keyring of a job without a session
// bus.
func (p *Probe) readJobKeyring(ctx context.Context, h Helper) {
	e := p.evidence
	const desktop, job = "secret-service", "keyctl"
	if e.Session.Temporary || !e.Session.Usable() || !h.Provider.Store.Auto() || e.Keyring.Backend != desktop {
		return
	}
	e.Keyring.Job = doctor.JobEvidence{Asked: true, Backend: job}
	store, err := cache.Open(ctx, cache.Options{Backend: job})
	if err != nil {
		e.Keyring.Job.Err = p.failed(err)
		return
	}
	s, err := store.Session(h.Provider.Identity())
	e.Keyring.Job.Stored = err == nil && s.Left() > 0
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		e.Keyring.Job.Err = p.failed(err)
	}
}

// noteSession puts a session into the evidence.
func (p *Probe) noteSession(s cache.Session) {
	p.session = s
	e := &p.evidence.Session
	e.Stored, e.ARN, e.Profile, e.Serial, e.ClockOffset = true, s.ARN, s.Profile, s.Serial, s.ClockOffset
	e.Left = s.Left()
	e.Expired = !s.Expiration.IsZero() && e.Left <= 0
}

// askAWS makes independent calls at the same time, because a user is waiting.
func (p *Probe) askAWS(ctx context.Context, provider *session.Provider) {
	limited, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() { p.askNetwork(limited) })
	client, err := newClients(limited, provider)
	p.evidence.AWS.ConfigErr = p.failed(err)
	var offset time.Duration
	if err == nil {
		offset = p.askIdentity(limited, client, provider)
	}
	both.Wait()
	e := p.evidence
	if !e.Clock.Known && e.AWS.Caller.ARN != "" {
		e.Clock = doctor.ClockEvidence{Known: true, Offset: offset, Source: "STS"}
	}
	p.done(doctor.AWSGroup, doctor.ClockGroup)
	p.askSigned(ctx)
	p.done(doctor.NetworkGroup)
	if err == nil && e.AWS.Caller.Partition() == codecommit.Partition(e.Target.Host.Region) {
		asking, cancel := context.WithTimeout(ctx, 2*long)
		defer cancel()
		p.askDevices(asking, client)
		p.askKeyAge(asking, client)
		p.done(doctor.MFAGroup)
		p.askPolicies(asking, client)
		p.conclude()
		p.askSimulator(asking, client)
	}
}

// askIdentity asks STS for the identities of the keys and of the session, and
// returns the offset of AWS's clock by STS's answer.
func (p *Probe) askIdentity(ctx context.Context, client clients, provider *session.Provider) (offset time.Duration) {
	e := p.evidence
	if !p.keys.HasKeys() {
		var err error
		p.keys, err = provider.SourceKeys(ctx, client.config)
		e.AWS.KeysErr = p.failed(err)
		if p.keys.SessionToken != "" {
			e.Session.Temporary = true
			p.noteSession(cache.Session{AccessKeyID: p.keys.AccessKeyID, SecretAccessKey: p.keys.SecretAccessKey, SessionToken: p.keys.SessionToken})
		}
	}
	if p.keys.HasKeys() {
		var err error
		e.AWS.Caller, offset, err = client.caller(ctx, p.keys)
		if e.AWS.CallerErr = p.failedCall(err); kindOf(err) == doctor.ExpiredToken {
			e.AWS.CallerErr.Fix = provider.Source.RenewHint()
		}
		if kindOf(err) == doctor.UnknownKey {
			if who, ok := client.anywhere(ctx, p.keys); ok {
				e.AWS.Caller, e.AWS.CallerErr = who, nil
			}
		}
	}
	if e.Session.Usable() && p.session.SessionToken != p.keys.SessionToken {
		var err error
		e.Session.Caller, _, err = client.caller(ctx, session.Credentials(p.session))
		e.Session.CallerErr = p.failedCall(err)
	}
	return offset
}

// longTerm reports whether the profile has a long-term access key.
func (p *Probe) longTerm() bool { return p.keys.HasKeys() && p.keys.SessionToken == "" }
