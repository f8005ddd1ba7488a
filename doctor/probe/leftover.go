package probe

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/gitconfig"
)

// Leftover is what another helper still holds for a host, from before this
// program was configured.
type Leftover struct {
	otherHelper
	Host string

	execPath string
}

// Leftovers asks the helpers that git's configuration names what they hold for
// CodeCommit: for the hosts given, those that the configuration names, and
// those of the current repository's remotes. A helper that an empty "helper ="
// takes out of the chain is asked too. As in a live run, only well-known
// helpers are run, none of a repository's own configuration, none with a
// question to a person, and all together for 5 seconds.
func (s System) Leftovers(ctx context.Context, hosts []string) []Leftover {
	gits := gitPrograms(runtime.GOOS, s.Getenv)
	if len(gits) == 0 {
		return nil
	}
	entries, err := gitconfig.Git{Program: gits[0], Dir: s.Dir, Env: inertEnv(s.Environ)}.Entries(ctx)
	if err != nil {
		return nil
	}
	settings, _ := s.settings(ctx, gits[0]) // without them there are no remotes
	execPath := s.execPath(ctx, gits[0])
	var all []Leftover
	for _, host := range s.hosts(hosts, entries, settings) {
		helpers, err := gitconfig.Named(entries, "https://"+host+"/v1/repos/"+policies.PlaceholderName)
		if err != nil {
			continue
		}
		for _, helper := range helpers {
			if !helper.Ours && refuse(helper) == "" {
				h := otherHelper{doctor.StoredCredential{Helper: plainHelper(helper)}, helper}
				all = append(all, Leftover{otherHelper: h, Host: host, execPath: execPath})
			}
		}
	}
	limited, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	var asking sync.WaitGroup
	for i := range all {
		asking.Go(func() { all[i].otherHelper = s.ask(limited, execPath, all[i].otherHelper, all[i].request("")) })
	}
	asking.Wait()
	return slices.DeleteFunc(all, func(o Leftover) bool { return o.Kind == "" })
}

// hosts adds to some hosts those of CodeCommit's that git's settings name.
func (s System) hosts(some []string, entries []gitconfig.Entry, settings []setting) []string {
	var all []string
	add := func(name string) {
		host, err := codecommit.ParseHost(name)
		if err == nil && !slices.Contains(all, host.Name) {
			all = append(all, host.Name)
		}
	}
	for _, name := range some {
		add(name)
	}
	for _, e := range entries {
		_, rest, _ := strings.Cut(e.Label, "://")
		name, _, _ := strings.Cut(rest, "/")
		add(name)
	}
	for _, r := range remotesOf(settings) {
		add(r.Target().Host.Name)
	}
	return all
}

// request is a question about the host alone: helpers take it for every path.
func (o Leftover) request(username string) string {
	text := "protocol=https\nhost=" + o.Host + "\n" // mutation: passwords of other hosts are left
	if username != "" {
		text += "username=" + username + "\n"
	}
	return text + "\n"
}

// Name is the helper's, as git's configuration has it: "osxkeychain".
func (o Leftover) Name() string {
	return o.Helper.Name
}

// Signed reports whether it is a password that CodeCommit took for 15 minutes,
// and that is of no use to anybody. Anything else may be the only copy of what
// a person needs: IAM shows the password of a Git credential once.
func (o Leftover) Signed() bool { return o.Kind == doctor.SignedPassword }

// String says what is held, and no secret of it.
func (o Leftover) String() string {
	switch o.Kind {
	case doctor.SignedPassword:
		return "a CodeCommit password of " + o.StoredCredential.Signed.Format("2006-01-02")
	case doctor.GitCredential:
		return "an HTTPS Git credential of the account …" + o.Account[len(o.Account)-4:] + ", which carries no MFA"
	}
	return "a password"
}

// Erase is the command that has the helper forget what it holds for the host.
func (o Leftover) Erase() string {
	return fmt.Sprintf(`printf 'protocol=https\nhost=%s\n\n' | git credential-%s erase`, o.Host, o.Name())
}

// maxForgotten bounds how often a helper is told to forget: the name changes
// with every session, so a keychain collects many.
const maxForgotten = 100

var errKept = errors.New("it still holds the password")

// Forget has the helper forget the signed passwords of this host, and nothing
// else: each by its username, one after the other, since osxkeychain forgets
// one a call before git 2.45.
func (s System) Forget(ctx context.Context, o Leftover) error {
	var last answer
	for range maxForgotten {
		out, err := s.tellHelper(ctx, o.execPath, &o.otherHelper, "get", o.request(""))
		if err != nil {
			return fmt.Errorf("asking %s: %s", o.Name(), wording(err))
		}
		var held otherHelper
		if held.judge(out); held.Kind != doctor.SignedPassword {
			return nil
		}
		found := answerOf(out)
		if found == last {
			break
		}
		last = found
		if _, err := s.tellHelper(ctx, o.execPath, &o.otherHelper, "erase", o.request(found.username)); err != nil {
			return fmt.Errorf("having %s forget: %s", o.Name(), wording(err))
		}
	}
	return fmt.Errorf("having %s forget: %w", o.Name(), errKept)
}
