package cli

import (
	"errors"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// live reports whether doctor is to look at git, the system and AWS: it does
// unless it is given policies to judge.
func live(c *cli.Context) bool {
	return len(pathsOf(c, "policy"))+len(pathsOf(c, "scp"))+len(pathsOf(c, "boundary")) == 0
}

// examine gathers what a live run finds out.
func (p *program) examine(c *cli.Context, wanted policies.Repository, url string) (*doctor.Evidence, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	l := doctor.Live{Offline: c.Bool("offline"), Dir: dir, Home: p.home(), Environ: os.Environ(), Getenv: p.Getenv,
		URL: url, Wanted: wanted}
	evidence := l.Look(c.Context)
	p.asConfigured(c, evidence.Options())
	a := p.access(c, repositoryTarget(evidence.Target.Host, evidence.Target.Name))
	var usage errUsage
	if errors.As(a.Err, &usage) {
		return nil, a.Err
	}
	l.Ask(c.Context, evidence, a)
	return evidence, nil
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

// access is what the helper itself would use, as git would run it. What can't
// be had is left out, and the checks say so.
func (p *program) access(c *cli.Context, t target) doctor.Access {
	a := doctor.Access{Login: c.Bool("login")}
	var err error
	if a.Prompter, err = p.prompter(c, t); err != nil {
		a.Err = err
		return a
	}
	if a.Store, a.KeyringErr = p.store(c); a.KeyringErr != nil {
		if errors.As(a.KeyringErr, new(errUsage)) {
			a.Err = a.KeyringErr
			return a
		}
		if err := c.Set(optionKeyring.flag, "none"); err != nil { // the rest can be asked without
			p.trace("going on without a keyring: %v", err)
		}
	}
	t.byHand = true // a repository's own proxy and certificates are not for a person's keys; mutation: doctor sends no keys by a repository's proxy
	a.Provider, a.Err = p.provider(c, t)
	a.Profile = p.profile
	return a
}
