package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// target is what a session is wanted for.
type target struct {
	region string
	fips   bool
	// url is the one for which git's settings are looked up.
	url string
	// byHand is true for a command that a person typed, bySDK for one that an
	// SDK runs; git runs the others.
	byHand, bySDK bool
}

func repositoryTarget(h codecommit.Host, repository string) target {
	return target{region: h.Region, fips: h.FIPS, url: "https://" + h.Name + "/v1/repos/" + repository}
}

// provider resolves the settings of a command, and returns the provider of its
// session.
func (p *program) provider(c *cli.Context, t target) (*session.Provider, error) {
	return p.providerOf(c.Context, p.resolve(c, nil), t)
}

// providerOf returns the provider of the session for some settings. It does not
// load the SDK's configuration or git's, which take time: they are loaded when
// they are needed.
func (p *program) providerOf(ctx context.Context, s settings, t target) (*session.Provider, error) {
	source, err := s.source, s.sourceErr
	if err != nil {
		return nil, err
	}
	if err := p.serve(source.Profile); err != nil {
		return nil, err
	}
	if t.region == "" {
		if t, err = p.regionTarget(source, t.bySDK); err != nil {
			return nil, err
		}
	}
	store, err := p.store(ctx, s)
	if err != nil {
		return nil, err
	}
	duration, err := s.duration.sessionLength()
	if err != nil {
		return nil, err
	}
	asker, err := p.prompter(ctx, s, t)
	if err != nil {
		return nil, err
	}
	client := p.awsSettings(source, t)
	load := func(ctx context.Context) (aws.Config, error) {
		if err := source.CheckEndpoints(); err != nil {
			return aws.Config{}, err
		}
		return client.Load(ctx)
	}
	return &session.Provider{
		Source: source, Region: t.region, FIPS: t.fips, Serial: s.serial.text, SerialFrom: s.serial.from, Duration: duration, Store: store,
		Config:      load,
		LongTermKey: p.longTermKey(ctx, store),
		ClockOffset: awsclient.ClockOffset(t.url, load, p.trace),
		Waiting: func() {
			p.CatchSignals()
			p.progress.say("waiting for the session")
		},
		Starting:     func() { p.sayStarting(s, store) },
		TokenCode:    p.tokenCode(asker),
		ChooseDevice: p.chooseDevice(asker),
		Tell:         p.tell, Warn: p.tellWarning, Trace: p.trace, Started: p.Started, ByHand: t.byHand,
	}, nil
}

// awsSettings returns the settings for calls to AWS with one source of
// credentials. Package session assumes the roles on top of it.
func (p *program) awsSettings(source session.Source, t target) awsclient.Settings {
	settings := awsclient.Settings{
		Profile: source.SDKProfile, Explicit: source.Explicit || source.SDKProfile != source.Profile, Region: t.region, FIPS: t.fips, Trace: p.trace,
		Way: awsclient.Way{LookupEnv: os.LookupEnv, CABundle: source.CABundle,
			// Never a repository's own: somebody else may have written its .git/config,
			// and the call carries the code.
			Git: func(ctx context.Context) map[string]string { return gitconfig.URLValues(ctx, "http", t.url, true) }}, // mutation: a repository's proxy gets no code
	}
	if len(source.Roles) > 0 {
		settings.RoleSource = source.SDKBase
	}
	return settings
}

// sayStarting shows the warnings that matter before a new session is got.
func (p *program) sayStarting(s settings, store *cache.Store) {
	p.progress.say("waiting for AWS")
	p.sayWarning()
	if chosen := s.keyring.text; (chosen == "" || chosen == "auto") && store.Backend() == "none" { // mutation: fault: no keyring is said
		p.tell("warning: there is no keyring here, so the session is not kept and the code is asked for each time; to keep it: %s", keyringHint())
	}
}

// regionTarget returns the target of a command that is not about one repository.
func (p *program) regionTarget(source session.Source, bySDK bool) (target, error) {
	region := cmp.Or(source.Region.Text, "us-east-1")
	return target{region: region, byHand: !bySDK, bySDK: bySDK,
		url: "https://" + codecommit.HostName(region)}, source.CheckRegion()
}

func (p *program) store(ctx context.Context, s settings) (*cache.Store, error) {
	backend, err := s.keyring.oneOf(keyringNames)
	if err != nil {
		return nil, err
	}
	// A session that a code was spent on is stored even after a signal. Each call
	// has its own limit.
	store, err := cache.Open(context.WithoutCancel(ctx), cache.Options{Backend: backend, Passphrase: p.Passphrase, Trace: p.trace})
	p.keyring = store
	return store, err
}

func (p *program) prompter(ctx context.Context, s settings, t target) (*prompt.Prompter, error) {
	mode, err := s.prompt.oneOf(prompt.Modes)
	if err != nil {
		return nil, err
	}
	return &prompt.Prompter{
		Mode: mode, Process: s.process.text, ByHand: t.byHand, Getenv: p.Getenv, Tell: p.tell, Trace: p.trace,
		For:      p.neededFor(t),
		Language: func() language.Language { return p.language(true) },
		Interactive: func() string {
			return gitconfig.URLValues(ctx, "credential", t.url, t.byHand || t.bySDK)["credential.interactive"]
		},
		// git trusts the repository that it runs in. A person or an SDK may just
		// happen to be in one.
		AskPass: func() string { return gitconfig.Value(ctx, "core.askPass", t.byHand || t.bySDK) },
		Folders: sync.OnceValue(func() []string { return gitconfig.Git{}.ProgramFolders(ctx) }),
	}, nil
}

// neededFor returns what needs the code: git, for a repository; a command that
// a person typed; or the caller of credential-process.
func (p *program) neededFor(t target) string {
	switch {
	case t.bySDK:
		return "AWS CLI, SDK or Terraform (credential-process)"
	case t.byHand:
		return name + " " + p.askingCommand()
	}
	return "git, " + strings.TrimPrefix(t.url, "https://")
}

// notAsked is an error of package prompt because of which nobody was asked.
type notAsked struct{ error }

func (e notAsked) Unwrap() []error { return []error{e.error, session.ErrNotAsked} }

// unanswered is the error of a question to which the person gave no code.
type unanswered struct{ error }

func (e unanswered) Unwrap() []error { return []error{e.error, session.ErrUnanswered} }

func asked(err error) error {
	switch {
	case errors.Is(err, prompt.ErrForbidden), errors.Is(err, prompt.ErrImpossible):
		return notAsked{err}
	case errors.Is(err, prompt.ErrCancelled), errors.Is(err, prompt.ErrTimeout):
		return unanswered{err}
	}
	return err
}

func (p *program) tokenCode(asker *prompt.Prompter) func(context.Context, session.Question) (string, error) {
	return func(ctx context.Context, q session.Question) (string, error) {
		ctx, done := p.toAsk(ctx)
		defer done()
		code, err := asker.Code(ctx, prompt.Question(q))
		if err != nil && errors.Is(context.Cause(ctx), errReaderGone) {
			return "", notAsked{errReaderGone} // not refused by a person, so others may ask; mutation: fault: git is killed
		}
		return code, asked(err)
	}
}

var whichDevice = language.Text{English: "which MFA device?", Japanese: "どの MFA デバイスを使いますか"}

func (p *program) chooseDevice(asker *prompt.Prompter) func(context.Context, []string) (string, error) {
	return func(ctx context.Context, serials []string) (string, error) {
		ctx, done := p.toAsk(ctx)
		defer done()
		chosen, err := asker.Choose(ctx, whichDevice, serials)
		if err = asked(err); errors.Is(err, session.ErrNotAsked) {
			err = severalDevices{err, serials}
		}
		return chosen, err
	}
}

// severalDevices is the error where a device must be chosen, with the devices
// for its hint.
type severalDevices struct {
	error
	serials []string
}

func (e severalDevices) Unwrap() error { return e.error }

func (e severalDevices) hints(p *program) []string {
	var hints []string
	for _, serial := range e.serials {
		hints = append(hints, fmt.Sprintf("to use this one: aws configure set mfa_serial %s --profile %s", word(serial), word(p.baseName())))
	}
	return hints
}

var errReaderGone = errors.New("git has gone away")

// toAsk returns the context of a question, until done. Nothing else is shown
// meanwhile.
func (p *program) toAsk(ctx context.Context) (_ context.Context, done func()) {
	ctx, stop := p.untilReaderGone(ctx)
	p.progress.pause()
	return ctx, func() {
		p.progress.resume()
		stop()
	}
}

// untilReaderGone returns a context that ends when git has gone away: nobody
// would read the answer, and the next git would ask a second time.
func (p *program) untilReaderGone(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	stop := func() { end(nil) }
	if p.ReaderGone == nil {
		return ctx, stop
	}
	gone := p.ReaderGone(ctx) // mutation: fault: the reader has gone
	go func() {
		select {
		case <-gone:
			p.trace("nobody reads stdout any more")
			end(errReaderGone)
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}
