package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/encoding"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

func (p *program) loginCommand() *cli.Command {
	return &cli.Command{
		Name: "login", Usage: "start the session now, so that git will not ask",
		Description: "Asks for the MFA code and keeps the session in the keyring. If there is already a session, it says how long that lasts, " +
			"and asks nothing.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "refresh", Usage: "start a new session, even if the old one is still valid"},
			&cli.StringFlag{Name: "code", Usage: "with `-`, read the code from stdin, for scripts; never as an argument, which others can see"},
		},
		Action: p.login,
	}
}

func (p *program) login(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.IsSet("code") && c.String("code") != "-" {
		return errUsage{errors.New("--code takes only - (stdin): other programs can see arguments")}
	}
	provider, err := p.provider(c, target{})
	if err != nil {
		return err
	}
	if provider.Source.Temporary() {
		return fmt.Errorf("logging in: profile %q: %w", provider.Source.Profile, session.ErrTemporary)
	}
	if provider.Store.Backend() == "none" {
		return fmt.Errorf("logging in: %w, so a session can't be kept", errNoKeyring)
	}
	if c.IsSet("code") {
		if provider.TokenCode, err = p.codeFromStdin(); err != nil {
			return err
		}
		provider.OneTry = true
	}
	want := session.Checked
	if c.Bool("refresh") {
		want = session.New
	}
	done := p.waiting("waiting for the keyring")
	before, _ := provider.Store.Session(provider.Identity()) // an error here comes again below
	s, err := provider.Session(c.Context, want)
	done()
	if err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	if s.Serial == "" && len(provider.Source.Roles) == 0 {
		return fmt.Errorf("logging in: profile %q: %w", provider.Source.Profile, session.ErrTemporary)
	}
	if s.AccessKeyID == before.AccessKeyID {
		p.tell("there is already a session of %s for profile %s, %s", cmp.Or(s.ARN, "unknown"), s.Profile, until(s))
		p.tell("hint: to start a new one: %s", p.command("login --refresh"))
		return nil
	}
	p.tell("session of %s for profile %s, %s", cmp.Or(s.ARN, "unknown"), s.Profile, until(s))
	p.tellSources(provider)
	return nil
}

// tellSources says which sessions a role was assumed from. Temporary
// credentials of the source are not stored, and not mentioned.
func (p *program) tellSources(provider *session.Provider) {
	for from := provider.From(); from != nil; from = from.From() {
		if s, err := from.Store.Session(from.Identity()); err == nil {
			p.tell("assumed from the session of %s for profile %s, %s", cmp.Or(s.ARN, "unknown"), s.Profile, until(s))
		}
	}
}

var errNoKeyring = errors.New("there is no keyring")

// codeFromStdin reads the code from stdin, and returns a TokenCode that gives it.
func (p *program) codeFromStdin() (func(context.Context, session.Question) (string, error), error) {
	line, err := bufio.NewReader(io.LimitReader(p.Stdin, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the code from stdin: %w", err)
	}
	code := prompt.WithoutBlanks(string(encoding.UTF8([]byte(line))))
	if !prompt.IsCode(code) {
		return nil, errors.New("reading the code from stdin: not a code of 6 digits")
	}
	return func(context.Context, session.Question) (string, error) { return code, nil }, nil
}

func (p *program) logoutCommand() *cli.Command {
	return &cli.Command{
		Name: "logout", Usage: "forget the session",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "forget every session, and the MFA device that was chosen"}},
		Action: p.logout,
	}
}

func (p *program) logout(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.Bool("all") {
		store, err := p.store(c.Context, p.resolve(c, nil))
		if err != nil {
			return err
		}
		return p.forgetAll(c.Context, store)
	}
	provider, err := p.provider(c, target{})
	if err != nil {
		return err
	}
	found, profile := false, provider.Source.Profile
	for ; provider != nil; provider = provider.From() { // the role's, then those that it is assumed from
		forgot, err := p.forget(c.Context, provider)
		if err != nil {
			return err
		}
		found = found || forgot
	}
	if !found {
		p.tell("there is no session for profile %s", profile)
		return nil
	}
	p.tell("forgot the session for profile %s", profile)
	return nil
}

// forget removes a session, and reports whether there was one.
func (p *program) forget(ctx context.Context, provider *session.Provider) (bool, error) {
	held, err := p.lockToForget(ctx, provider.Identity())
	if err != nil {
		return false, err
	}
	defer held.Unlock()
	_, err = provider.Store.Session(provider.Identity())
	if errors.Is(err, cache.ErrNotFound) {
		return false, nil
	}
	if err != nil && !errors.Is(err, cache.ErrPassphrase) && !errors.Is(err, cache.ErrDenied) { // a session that can't be read can be forgotten
		return false, err
	}
	return true, provider.Store.RemoveSession(provider.Identity())
}

// forgetAll forgets every session. It needs no profile, since it must work when
// nothing else does.
func (p *program) forgetAll(ctx context.Context, store *cache.Store) error {
	sessions, err := store.Sessions()
	if err != nil && !errors.Is(err, cache.ErrPassphrase) {
		return err
	}
	for _, s := range sessions {
		held, err := p.lockToForget(ctx, s.Identity)
		if err != nil {
			return err
		}
		defer held.Unlock()
	}
	if err := store.Clear(); err != nil {
		return err
	}
	p.tell("forgot every session")
	return nil
}

// until returns how long a session lasts, by this computer's clock: "until
// 17:40 (3 h 12 min left)".
func until(s cache.Session) string {
	left := s.Left()
	if left <= 0 {
		return "expired"
	}
	now := time.Now()
	return "until " + clockTime(now, now.Add(left)) + " (" + hoursAndMinutes(left) + " left)"
}

// clockTime returns a time of day, with the day unless it is today.
func clockTime(now, at time.Time) string {
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	switch day(at) {
	case day(now):
		return at.Format("15:04")
	case day(now.AddDate(0, 0, 1)):
		return at.Format("15:04") + " tomorrow"
	}
	return at.Format("15:04 on Monday")
}

// hoursAndMinutes returns a duration as people write it: "3 h 12 min".
func hoursAndMinutes(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return "under a minute"
}
