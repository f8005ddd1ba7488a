package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// StoredKind is what another helper has stored for the target.
type StoredKind string

// The kinds of stored credentials: AWS's 15-minute password, an HTTPS Git
// credential of IAM, one of another shape.
const (
	SignedPassword StoredKind = "signed"
	GitCredential  StoredKind = "git credential"
	OtherPassword  StoredKind = "other"
)

// StoredCredential is another helper of the chain, and what it has stored for
// the target. Kind is "" for nothing.
type StoredCredential struct {
	Helper Helper
	// Line is the helper's line in git's configuration, with its arguments, if it
	// was run.
	Line string
	// Before is true if git asks it before this program.
	Before bool
	// Reason says why it was not run, or did not answer.
	Reason string
	Kind   StoredKind
	// Signed is the time in a signature, if it is known, Key the last characters
	// of its key, Account that of a Git credential.
	Signed       time.Time
	Key, Account string
	// Temporary is true for a signature made with a session token.
	Temporary bool
}

// signedAge returns the age of a stored signature by AWS's clock.
func (e *Evidence) signedAge(s StoredCredential) time.Duration { return e.AWSNow().Sub(s.Signed) }

// answering returns the first helper before this one that has stored something. git
// asks no other helper after it.
func (e *Evidence) answering() (StoredCredential, bool) {
	for _, h := range e.Git.Stored {
		if h.Before && h.Kind != "" {
			return h, true
		}
	}
	return StoredCredential{}, false
}

// erase returns the command that makes a helper forget what it has stored for the
// host. On a Mac that is configure, which deletes only signed passwords:
// osxkeychain's own erase would also delete an HTTPS Git credential of the host,
// which IAM shows only once, and can show a dialog.
func (e *Evidence) erase(h StoredCredential) string {
	keychain := e.System == shell.MacOS && h.Helper.Name == "osxkeychain"
	switch {
	case h.Kind == SignedPassword && (keychain || e.System == shell.Windows):
		return configure + " --yes"
	case keychain:
		return configure
	}
	path := ""
	if e.Git.main().Chain.UseHTTPPath {
		path = "v1/repos/" + cmp.Or(e.Target.Name, policies.PlaceholderName)
	}
	return e.System.EraseCredential(cmp.Or(h.Line, h.Helper.Name), e.Target.Host.Name, path) + "; " + configure
}

func checkStale(e *Evidence) Finding {
	h, ok := e.answering()
	if !ok || h.Kind != SignedPassword || e.signedAge(h) < codecommit.Validity {
		return fine(e.storedBehind()...)
	}
	return found(e.erase(h), h.Helper.Label, "its password was signed "+e.signed(h)+", and CodeCommit accepts it for 15 minutes",
		"git shows this as HTTP 403; after a 403 it neither asks the next helper nor makes this one forget the password")
}

// signed says with which key a password was signed, and when, if that is known.
func (e *Evidence) signed(s StoredCredential) string {
	with := "with the key " + s.Key
	if s.Signed.IsZero() {
		return with
	}
	return roughly(e.signedAge(s)) + " ago " + with
}

// storedBehind lists what helpers after this one have stored. git never asks for
// it.
func (e *Evidence) storedBehind() []string {
	var lines []string
	for _, h := range e.Git.Stored {
		if !h.Before && h.Kind == SignedPassword {
			lines = append(lines, h.Helper.Label+": has a password signed "+e.signed(h)+", for which git does not ask")
		}
	}
	return lines
}

// checkFuture looks for a password that was signed by a clock ahead of AWS's. One
// that was signed by a clock behind AWS's looks expired.
func checkFuture(e *Evidence) Finding {
	h, ok := e.answering()
	if !ok || h.Kind != SignedPassword || e.signedAge(h) > -codecommit.Validity {
		return fine()
	}
	return found(e.erase(h), h.Helper.Label,
		fmt.Sprintf("its password, signed with the key %s, is dated %s from now", h.Key, roughly(-e.signedAge(h))),
		"CodeCommit accepts a difference of up to 15 minutes; beyond that git shows HTTP 403")
}

// checkStatic looks for an HTTPS Git credential. It works only if nothing requires
// MFA.
func checkStatic(e *Evidence) Finding {
	h, ok := e.answering()
	if !ok || h.Kind != GitCredential {
		return fine()
	}
	detail := []string{h.Helper.Label, "it has stored a Git credential of the account …" + h.Account[len(h.Account)-4:]}
	if e.Network.LongTerm.Passed() {
		f := found("", append(detail, "nothing asks for MFA here, so it may work")...)
		f.Level = Info
		return f
	}
	return found(e.erase(h), append(detail, "if a policy requires MFA, git gets HTTP 403 with it")...)
}

// checkUnasked looks for helpers before this one that doctor does not run, or whose
// answer the other checks do not know.
func checkUnasked(e *Evidence) Finding {
	if !e.Git.main().Chain.Reached() {
		return skipped("git does not ask this helper: CCM502")
	}
	var lines []string
	sure := false
	for _, h := range e.Git.Stored {
		switch {
		case !h.Before || h.Helper.Own:
		case e.fresh(h) && h.Temporary:
			lines = append(lines, h.Helper.Label+": it answers with a session's password, which CodeCommit accepts for another "+roughly(codecommit.Validity-e.signedAge(h))+"; after that git gets HTTP 403")
		case h.Kind == OtherPassword, e.fresh(h):
			lines = append(lines, h.Helper.Label+": it answers, so this helper is not asked")
			sure = true
		case h.Kind == "" && h.Reason != "":
			lines = append(lines, h.Helper.Label+": "+h.Reason)
			// The AWS CLI's helper always answers.
			if h.Helper.AWSCLI {
				lines = append(lines, "it is the AWS CLI's, which answers without MFA")
			}
			sure = sure || h.Helper.AWSCLI
		}
	}
	if len(lines) == 0 {
		return fine()
	}
	f := found(configure, lines...)
	if !sure {
		f.Level = Warning
	}
	return f
}

// fresh reports whether CodeCommit still accepts a stored signature.
func (e *Evidence) fresh(s StoredCredential) bool {
	return s.Kind == SignedPassword && e.signedAge(s).Abs() < codecommit.Validity
}

// reaches reports whether git gets its password from this program, or from a helper
// before it that has stored a session's password which is still valid.
func (e *Evidence) reaches() bool {
	chain := e.Git.main().Chain
	if chain.Broken != nil || !chain.Reached() {
		return false
	}
	return !slices.ContainsFunc(e.Git.Stored, func(s StoredCredential) bool {
		return s.Before && (s.Kind != "" && !(e.fresh(s) && s.Temporary) || s.Helper.AWSCLI && !s.Helper.Own)
	})
}

func checkOwnHelpers(e *Evidence) Finding {
	var lines []string
	for _, h := range e.Git.Stored {
		if h.Helper.Own {
			lines = append(lines, h.Helper.Label+": "+cmp.Or(h.Reason, "of the repository's own configuration"))
		}
	}
	if len(lines) == 0 {
		return fine()
	}
	return found("git config --local --show-origin --get-regexp "+e.System.Quote(`^credential\.`), append(lines, "git runs it at every fetch: read it, if you got the repository from someone else")...)
}
