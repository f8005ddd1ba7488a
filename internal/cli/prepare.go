package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/probe"
	"github.com/git-credential-mfa/git-credential-mfa/internal/stored"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

const (
	// deviceLimit is short: what is not found now is found with the first code.
	deviceLimit = 10 * time.Second
	// confirmLimit is how long a yes or no is waited for; then it is no.
	confirmLimit = 2 * time.Minute
)

// prepare does what makes the first clone go without a surprise. git's
// configuration is written by then: nothing that fails here is an error of
// configure's. Without a terminal and --yes nobody is asked, nothing is changed,
// and AWS is not called.
func (p *program) prepare(c *cli.Context, labels []string, source session.Source, err error) error {
	p.source = source
	switch {
	case err == nil && source.Unset:
		err = fmt.Errorf("the profile %q has no AWS credentials yet: %w", source.Profile, session.ErrNoCredentials)
	case err == nil && (source.Keys.HasKeys() || source.Stored) && !source.Temporary() && (c.Bool("yes") || p.StdinIsTerminal()):
		err = p.findDevice(c)
	}
	if c.Context.Err() != nil {
		return errReported(1)
	}
	if err != nil {
		p.tellWarning(err)
	}
	return p.forgetOthers(c, append(hostsOf(labels), regionHosts(source.Region.Text)...))
}

// findDevice says which MFA device the codes are of, and finds out, if nothing
// names it, that there is none which STS could use.
func (p *program) findDevice(c *cli.Context) error {
	provider, err := p.provider(c, target{})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context, deviceLimit)
	defer cancel()
	choose := provider.ChooseDevice
	provider.ChooseDevice = func(_ context.Context, serials []string) (string, error) {
		if !p.StdinIsTerminal() { // not in a window either: a script waits
			return "", severalDevices{fmt.Errorf("which MFA device? there are %d", len(serials)), serials}
		}
		asking, cancel := context.WithTimeout(c.Context, confirmLimit) // a person takes longer than IAM
		defer cancel()
		return choose(asking, serials)
	}
	serial, from, err := provider.FindDevice(ctx)
	if err != nil {
		return err
	}
	p.tell("the MFA device is %s, %s", serial, from)
	return nil
}

// forgetOthers has other helpers forget what they hold of CodeCommit's: git
// does not ask them any more, and a password holds a session token, or is for
// ever a 403 where something else asks.
func (p *program) forgetOthers(c *cli.Context, hosts []string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	hosts = append(hosts, probe.System{Dir: dir, Environ: os.Environ(), Getenv: p.Getenv}.RemoteHosts(c.Context)...)
	helpers := stored.NewAsker(c.Context, "git", dir, p.home(), os.Environ())
	for _, left := range helpers.Leftovers(c.Context, hosts) {
		if !left.OfNoUse() { // mutation: Git credentials are left
			p.tell("%s holds %s for %s, which git does not ask for any more", left.Name(), left, left.Host)
			p.tell("hint: to have it forgotten: %s", left.Erase())
			continue
		}
		yes, err := p.confirm(c, fmt.Sprintf("%s holds %s for %s: have it forgotten?", left.Name(), left, left.Host))
		switch {
		case err != nil:
			return err
		case !yes:
			p.tell("%s holds %s for %s, which no longer works", left.Name(), left, left.Host)
			p.tell("hint: to have it forgotten: %s", p.again("--yes"))
			continue
		}
		if err := helpers.Forget(c.Context, left); err != nil {
			p.tell("warning: %v", err)
			p.tell("hint: %s", left.Erase())
			continue
		}
		p.tell("%s forgot what it held for %s", left.Name(), left.Host)
	}
	return nil
}

// again is this command line with one more option. Without the others, the
// configuration would be written anew for another profile, say. What URLs have
// before the host is a password mostly.
func (p *program) again(option string) string {
	args := slices.Clone(p.Args[1:])
	at := slices.Index(args, "--")
	if at < 0 {
		at = len(args)
	}
	words := []string{name}
	for _, arg := range slices.Insert(args, at, option) {
		if u, err := url.Parse(arg); err == nil && u.User != nil {
			u.User = nil // mutation: a hint repeats no password of a URL
			arg = u.String()
		}
		words = append(words, word(arg))
	}
	return strings.Join(words, " ")
}

// confirm asks, if there is anybody to ask: a script is never made to wait, and
// its answer is no. The error is for a person who pressed Ctrl-C.
func (p *program) confirm(c *cli.Context, question string) (bool, error) {
	if c.Bool("yes") {
		return true, nil
	}
	if !p.StdinIsTerminal() {
		return false, nil // mutation: nothing is forgotten unasked
	}
	asker, err := p.prompter(c, target{byHand: true})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(c.Context, confirmLimit)
	defer cancel()
	yes, err := asker.Confirm(ctx, question)
	if err != nil {
		p.trace("not asked: %v", err)
	}
	if c.Context.Err() != nil {
		return false, errReported(1)
	}
	return yes, nil
}

// hostsOf are the hosts that labels name without wildcards.
func hostsOf(labels []string) []string {
	var hosts []string
	for _, label := range labels {
		_, rest, _ := strings.Cut(label, "://")
		host, _, _ := strings.Cut(rest, "/")
		hosts = append(hosts, host)
	}
	return hosts
}

// regionHosts is the host of a region, if one is known.
func regionHosts(region string) []string {
	if region == "" {
		return nil
	}
	return []string{codecommit.HostName(region)}
}
