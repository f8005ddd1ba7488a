package stored

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// Leftover is what another helper has stored for a host from before this program
// was configured.
type Leftover struct {
	Credential
	Helper gitconfig.Helper
	Host   string
}

// Leftovers asks the helpers that git's configuration names what they have
// stored for CodeCommit: for the hosts given, and those that the configuration
// names. A helper that an empty "helper =" takes out of the chain is asked too.
// All together have 5 seconds.
func (a *Asker) Leftovers(ctx context.Context, hosts []string) []Leftover {
	entries, err := a.git.Entries(ctx)
	if err != nil {
		return nil
	}
	var all []Leftover
	for _, host := range codeCommitHosts(hosts, entries) {
		helpers, err := gitconfig.Named(entries, "https://"+host+"/v1/repos/x")
		if err != nil {
			continue
		}
		for _, h := range helpers {
			if !h.Ours && Refused(h) == "" {
				all = append(all, Leftover{Helper: h, Host: host})
			}
		}
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var asking sync.WaitGroup
	for i := range all {
		asking.Go(func() { all[i].Credential = a.Ask(limited, all[i].Helper, Request{Host: all[i].Host}) })
	}
	asking.Wait()
	return slices.DeleteFunc(all, func(l Leftover) bool { return l.Kind == "" })
}

// codeCommitHosts are those of CodeCommit's among some hosts, and those that
// sections of git's configuration are about.
func codeCommitHosts(hosts []string, entries []gitconfig.Entry) []string {
	for _, e := range entries {
		_, rest, _ := strings.Cut(e.Label, "://")
		name, _, _ := strings.Cut(rest, "/")
		hosts = append(hosts, name)
	}
	var all []string
	for _, name := range hosts {
		host, err := codecommit.ParseHost(name)
		if err == nil && !slices.Contains(all, host.Name) {
			all = append(all, host.Name)
		}
	}
	return all
}

// Name is the helper's, as git's configuration has it: "osxkeychain".
func (l Leftover) Name() string {
	name, _, _ := strings.Cut(l.Helper.Value, " ")
	return name
}

// OfNoUse reports whether it is a password that CodeCommit took for 15 minutes.
// Anything else may be the only copy of what a person needs: IAM shows the
// password of a Git credential once.
func (l Leftover) OfNoUse() bool { return l.Kind == Signed }

// String says what is stored, and no secret of it.
func (l Leftover) String() string {
	switch l.Kind {
	case Signed:
		if l.SignedAt.IsZero() { // the keychain tells no more than the username
			return "a CodeCommit password signed with the key " + l.Key
		}
		return "a CodeCommit password of " + l.SignedAt.Format("2006-01-02")
	case GitCredential:
		return "an HTTPS Git credential of the account …" + l.Account[len(l.Account)-4:] + ", which carries no MFA"
	}
	return "a password"
}

// Erase is the command that has the helper forget what it has stored for the
// host. All hosts are plain words.
func (l Leftover) Erase() string {
	return shell.Here.EraseCredential(l.Name(), l.Host, "")
}

// maxForgotten bounds how often a helper is told to forget: the name changes
// with every session, so a keychain collects many.
const maxForgotten = 100

var errKept = errors.New("it still holds the password")

// Forget has the helper forget the signed passwords of this host, and nothing
// else: each by its username, one after the other, since osxkeychain forgets
// one a call before git 2.45.
func (a *Asker) Forget(ctx context.Context, l Leftover) error {
	if a.keychain != nil && l.Name() == osxkeychain {
		return a.keychain.forget(l.Host)
	}
	var last answer
	for range maxForgotten {
		out, err := a.run(ctx, l.Helper, "get", Request{Host: l.Host})
		if err != nil {
			return fmt.Errorf("asking %s: %w", l.Name(), err)
		}
		if recognise(out).Kind != Signed {
			return nil
		}
		found := answerOf(out)
		if found == last {
			break
		}
		last = found
		if _, err := a.run(ctx, l.Helper, "erase", Request{Host: l.Host, Username: found.username}); err != nil {
			return fmt.Errorf("having %s forget: %w", l.Name(), err)
		}
	}
	return fmt.Errorf("having %s forget: %w", l.Name(), errKept)
}
