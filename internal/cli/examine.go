package cli

import (
	"errors"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/probe"
)

// examine gathers what a live run finds out.
func (p *program) examine(c *cli.Context, wanted policies.Repository, url string) (*doctor.Evidence, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	system := probe.System{Dir: dir, Home: p.home(), Environ: os.Environ(), Getenv: p.Getenv}
	if len(p.Passphrase) > 0 {
		system.GitEnviron = []string{"GIT_CREDENTIAL_MFA_PASSPHRASE=" + string(p.Passphrase)}
	}
	options := probe.Options{Offline: c.Bool("offline"), Login: c.Bool("login"), URL: url, Wanted: wanted}
	if c.IsSet("fetch") {
		options.Fetch = probe.FetchNever
		if c.Bool("fetch") {
			options.Fetch = probe.FetchAlways
		}
	}
	defer p.waiting("looking at git")()
	options.Done = p.lookedAt()
	run := probe.Start(c.Context, system, options)
	p.asConfigured(c, run.HelperOptions())
	h := p.helper(c, repositoryTarget(run.Target().Host, run.Target().Name))
	var usage errUsage
	if errors.As(h.Err, &usage) {
		return nil, h.Err
	}
	return run.Ask(c.Context, h), nil
}

// asConfigured takes the options of this helper's line in git's configuration
// where the command line says nothing: git runs the helper with them.
func (p *program) asConfigured(c *cli.Context, options map[string]string) {
	for _, o := range []option{optionProfile, optionDuration, optionSerial, optionProcess, optionPrompt, optionKeyring} {
		value, ok := options[o.flag]
		given := slices.ContainsFunc(c.Lineage(), func(level *cli.Context) bool { return level.IsSet(o.flag) })
		if !ok || given {
			continue
		}
		if err := c.Set(o.flag, value); err != nil {
			p.trace("taking --%s from git's configuration: %v", o.flag, err)
		}
	}
}

// helper is what the helper itself would use, as git would run it. What can't
// be had is left out, and the checks say so.
func (p *program) helper(c *cli.Context, t target) probe.Helper {
	h := probe.Helper{Hints: p.hints}
	source, sourceErr := p.readSource(c) // first: what it says is among the settings of all else
	h.Profile, h.Source = source.Profile, source
	var err error
	if h.Prompter, err = p.prompter(c, t); err != nil {
		h.Err = err
		return h
	}
	if h.Store, h.KeyringErr = p.store(c); h.KeyringErr != nil {
		if errors.As(h.KeyringErr, new(errUsage)) {
			h.Err = h.KeyringErr
			return h
		}
		if err := c.Set(optionKeyring.flag, "none"); err != nil { // the rest can be asked without
			p.trace("going on without a keyring: %v", err)
		}
	}
	t.byHand = true
	if h.Err = sourceErr; sourceErr == nil {
		h.Provider, h.Err = p.providerFor(c, source, t)
	}
	return h
}
