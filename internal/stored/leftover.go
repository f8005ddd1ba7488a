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

// Leftover is a credential for a host that another helper stored before this
// program was configured.
type Leftover struct {
	Credential
	Helper gitconfig.Helper
	Host   string
}

// Leftovers asks the helpers in git's configuration what they have stored for
// CodeCommit hosts: those among hosts, and those that the configuration names.
// It also asks a helper that an empty "helper =" takes out of the chain. It
// takes at most 5 seconds.
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

// codeCommitHosts returns the CodeCommit hosts among hosts and in the section
// names of git's configuration.
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

// Name returns the helper's name in git's configuration, such as "osxkeychain".
func (l Leftover) Name() string { return nameOf(l.Helper) }

// OfNoUse reports whether it is a signed password, which CodeCommit accepted for
// 15 minutes. Anything else may be the person's only copy: IAM shows the
// password of a Git credential once.
func (l Leftover) OfNoUse() bool { return l.Kind == Signed }

// String describes what is stored, without secrets.
func (l Leftover) String() string {
	switch l.Kind {
	case Signed:
		if l.SignedAt.IsZero() { // not known from the keychain
			return "a CodeCommit password signed with the key " + l.Key
		}
		return "a CodeCommit password of " + l.SignedAt.Format("2006-01-02")
	case GitCredential:
		return "an HTTPS Git credential of the account …" + l.Account[len(l.Account)-4:] + ", which carries no MFA"
	}
	return "a password"
}

// Erase returns the command that deletes what the helper has stored for the
// host. The line of a helper that was asked is safe in a shell: see Refused.
func (l Leftover) Erase() string {
	return shell.Here.EraseCredential(l.Helper.Value, l.Host, "")
}

// maxForgotten is the most passwords that Forget erases. The username changes
// with every session, so a keychain may hold many.
const maxForgotten = 100

var errKept = errors.New("it still holds the password")

// Forget has the helper erase the signed passwords of this host, and nothing
// else. It erases one username after the other, because before git 2.45
// osxkeychain erases one password a call.
func (a *Asker) Forget(ctx context.Context, l Leftover) error {
	if a.asksKeychain(l.Helper) {
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
			return fmt.Errorf("erasing from %s: %w", l.Name(), err)
		}
	}
	return fmt.Errorf("erasing from %s: %w", l.Name(), errKept)
}
