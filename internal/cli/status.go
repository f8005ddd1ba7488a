package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// status is the output of status --json. Keys may be added; none changes its
// meaning while schema is 1.
type status struct {
	Schema   int             `json:"schema"`
	Keyring  string          `json:"keyring"`
	Sessions []statusSession `json:"sessions"`
}

type statusSession struct {
	Profile string `json:"profile"`
	ARN     string `json:"arn"`
	Account string `json:"account"`
	Serial  string `json:"serial"`
	// MFA is "present" if STS gave the session for a code, else "unknown".
	MFA string `json:"mfa"`
	// Expiration is null if only the source of the credentials knows it.
	Expiration *time.Time `json:"expiration"`
}

func (p *program) statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show the stored sessions",
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
		Action: p.status,
	}
}

func (p *program) status(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	in := p.resolve(c, nil)
	if errors.Is(in.sourceErr, awssource.ErrNoProfile) && in.profile.from != "" { // mutation: status refuses a profile that is not there
		return in.sourceErr
	}
	store, err := p.store(c.Context, in)
	if err != nil {
		return err
	}
	done := p.waiting("waiting for the keyring")
	sessions, err := store.Sessions()
	done()
	if err != nil {
		return err
	}
	own := len(sessions)
	if s, ok := foreign(in.source, sessions); ok && in.sourceErr == nil {
		sessions = append(sessions, s)
	}
	if c.Bool("json") {
		return p.statusJSON(store, sessions)
	}
	p.statusLine("keyring: %s", printable.Line(store.Backend()))
	p.statusLine("git: %s", p.whatGitDoes(c.Context, in.source.Region.Text))
	if len(sessions) == 0 {
		p.statusLine("no sessions: git will ask for a code when it needs one")
	}
	for _, s := range sessions[own:] {
		p.statusLine("profile %s: no session: its temporary credentials are used as they are; whether they were got with MFA is not known", printable.Line(s.Profile))
	}
	for _, s := range sessions[:own] {
		// A block for each session, since two ARNs on one line are wider than a
		// terminal.
		p.statusLine("profile %s: %s\n  account     %s\n  user        %s\n  MFA device  %s",
			printable.Line(s.Profile), p.paint(colourOf(s), until(s)), line(s.Account), line(s.ARN), line(s.Serial)+whereSeen(s))
	}
	return nil
}

// statusLine writes a line, broken for the terminal. Its values must be printable.
func (p *program) statusLine(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	if !strings.Contains(text, "\n") {
		text = strings.Join(printable.Wrap(text, columnsOf(p.Stdout)), "\n")
	}
	fmt.Fprintln(p.coloured(), text)
}

// The colours of a session that lasts, ends soon, or has ended.
const green, yellow, red = 32, 33, 31

// soon is the time left in which a session is shown as ending soon.
const soon = 30 * time.Minute

func colourOf(s cache.Session) int {
	switch left := s.Left(); {
	case left <= 0:
		return red
	case left < soon:
		return yellow
	}
	return green
}

// paint colours a text, if stdout is a terminal that shows colours.
func (p *program) paint(colour int, text string) string {
	if terminalOf(p.Stdout) == nil || !p.hasColour() {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", colour, text)
}

// whatGitDoes returns whether git asks this helper for CodeCommit repositories
// in a region.
func (p *program) whatGitDoes(ctx context.Context, region string) string {
	entries, err := gitconfig.Git{}.Entries(ctx)
	var chain gitconfig.Chain
	if err == nil {
		chain, err = gitconfig.Effective(entries, "https://"+codecommit.HostName(cmp.Or(region, "us-east-1"))+"/v1/repos/any")
	}
	switch {
	case err != nil:
		return p.paint(red, "unknown: "+printable.Line(err.Error()))
	case !chain.Reached():
		return p.paint(yellow, "does not ask this helper") + "\n  to set it up: " + printable.Line(p.command("configure"))
	}
	return p.paint(green, "asks this helper for CodeCommit")
}

// whereSeen returns where the MFA of a role's session counts: only the role's
// trust policy sees it, not the policies for the role's own calls (IAM User
// Guide, id_credentials_mfa_configure-api-require).
func whereSeen(s cache.Session) string {
	if s.Serial == "" || s.Identity.Role == "" {
		return ""
	}
	return ", given when the role was assumed"
}

// foreign returns an entry for the profile in force if its credentials are not
// a session of ours: they are temporary, or of a source that was not asked.
func foreign(source session.Source, held []cache.Session) (cache.Session, bool) {
	if !source.Temporary() && !source.Elsewhere {
		return cache.Session{}, false
	}
	for _, s := range held {
		if s.Profile == source.Profile && !source.Temporary() {
			return cache.Session{}, false
		}
	}
	return cache.Session{Profile: source.Profile}, true
}

func (p *program) statusJSON(store *cache.Store, sessions []cache.Session) error {
	out := status{Schema: 1, Keyring: store.Backend(), Sessions: []statusSession{}}
	for _, s := range sessions {
		mfa := "unknown"
		if s.Serial != "" {
			mfa = "present"
		}
		var end *time.Time
		if utc := s.Expiration.UTC(); !utc.IsZero() {
			end = &utc
		}
		out.Sessions = append(out.Sessions, statusSession{
			Profile: s.Profile, ARN: s.ARN, Account: s.Account, Serial: s.Serial, MFA: mfa, Expiration: end,
		})
	}
	return printable.WriteJSON(p.Stdout, out)
}

// line returns a text from AWS as one line, or "unknown".
func line(text string) string { return printable.Line(cmp.Or(text, "unknown")) }
