package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

func (p *program) loginCommand() *cli.Command {
	return &cli.Command{
		Name: "login", Usage: "start the session now, so that git will not ask",
		Description: "Asks for the MFA code and keeps the session in the keyring. If there is a session\n" +
			"already, nothing is asked.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "refresh", Usage: "start a new session, whatever is left of the old one", DisableDefaultText: true},
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
		return errUsage{errors.New("--code takes only -: every program can read the arguments of every other")}
	}
	provider, err := p.provider(c, target{})
	if err != nil {
		return err
	}
	if provider.Source.Temporary() {
		return fmt.Errorf("logging in: profile %q: %w", p.profile, session.ErrTemporary)
	}
	if provider.Store.Backend() == "none" {
		return fmt.Errorf("logging in: %w, so a session can't be kept", errNoKeyring)
	}
	if c.IsSet("code") {
		if provider.TokenCode, err = p.codeFromStdin(); err != nil {
			return err
		}
	}
	get := provider.Session
	if c.Bool("refresh") {
		get = provider.Renew
	}
	s, err := get(c.Context)
	if err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	if s.Serial == "" {
		return fmt.Errorf("logging in: profile %q: %w", p.profile, session.ErrTemporary)
	}
	p.tell("session of %s for profile %s, %s", orUnknown(s.ARN), s.Profile, left(s))
	return nil
}

var errNoKeyring = errors.New("there is no keyring")

// codeFromStdin returns a TokenCode that gives the code on stdin, once.
func (p *program) codeFromStdin() (func(context.Context, session.Question) (string, error), error) {
	line, err := bufio.NewReader(io.LimitReader(p.Stdin, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the code from stdin: %w", err)
	}
	code := strings.TrimSpace(line)
	if !sixDigits.MatchString(code) {
		return nil, fmt.Errorf("reading the code from stdin: %w", prompt.ErrNotACode)
	}
	given := false
	return func(context.Context, session.Question) (string, error) {
		if given {
			return "", fmt.Errorf("giving the code from stdin: %w", session.ErrCode)
		}
		given = true
		return code, nil
	}, nil
}

func (p *program) logoutCommand() *cli.Command {
	return &cli.Command{
		Name: "logout", Usage: "forget this session",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "forget every session, and which MFA device was chosen", DisableDefaultText: true}},
		Action: p.logout,
	}
}

func (p *program) logout(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.Bool("all") {
		store, err := p.store(c)
		if err != nil {
			return err
		}
		return p.forgetAll(c.Context, store)
	}
	provider, err := p.provider(c, target{})
	if err != nil {
		return err
	}
	held, err := p.lockToForget(c.Context, provider.Identity())
	if err != nil {
		return err
	}
	defer held.Unlock()
	_, err = provider.Store.Session(provider.Identity())
	if errors.Is(err, cache.ErrNotFound) {
		p.tell("there is no session for profile %s", p.profile)
		return nil
	}
	if err != nil {
		return err
	}
	if err := provider.Store.RemoveSession(provider.Identity()); err != nil {
		return err
	}
	p.tell("forgot the session for profile %s", p.profile)
	return nil
}

// forgetAll needs no profile: it is what one does when nothing works.
func (p *program) forgetAll(ctx context.Context, store *cache.Store) error {
	sessions, err := store.Sessions()
	if err != nil {
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

// left words how long a session lasts: "11h59m left".
func left(s cache.Session) string {
	switch d := session.Left(s); {
	case d <= 0:
		return "expired"
	case d < time.Minute:
		return "under a minute left"
	default:
		return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s") + " left"
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
