package doctor

import (
	"cmp"
	"errors"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

var (
	ccm701 = code{"CCM701", KeyringGroup, Error, "the keyring fails", "the keyring gives back what it was given"}
	ccm720 = code{"CCM720", SessionGroup, Info, "there is no session", "there is a session"}
	ccm721 = code{"CCM721", SessionGroup, Error, "AWS does not take the session", "AWS takes the session"}
	ccm740 = code{"CCM740", PromptGroup, Warning, "there is no way to ask for the MFA code here", "the MFA code can be asked for"}
)

// checkKeyring is the round trip of 4 KB, the size of a long session.
func checkKeyring(c *Case) []Result {
	k := c.Live.Keyring
	switch {
	case k.Backend == "none":
		r := ccm701.is([]string{"without one the code is asked for every time"}, elsewhereKeyring(), nil)
		r[0].Level, r[0].Title = Warning, "there is no keyring"
		return r
	case k.Err == nil:
		return ccm701.isNot(k.Backend + ", an item of 4 KB")
	}
	fix := elsewhereKeyring()
	switch {
	case errors.Is(k.Err, cache.ErrLocked) && runtime.GOOS == "darwin":
		fix = "security unlock-keychain"
	case errors.Is(k.Err, cache.ErrLocked):
		fix = "unlock the login keyring (Passwords and Keys, or seahorse), or: " + fix
	case errors.Is(k.Err, cache.ErrTimeout):
		fix = "restart the keyring's own program, or: " + fix
	case errors.Is(k.Err, cache.ErrPassphrase), strings.Contains(k.Err.Error(), "GIT_CREDENTIAL_MFA_PASSPHRASE"):
		fix = "set GIT_CREDENTIAL_MFA_PASSPHRASE to the passphrase that the file keyring was made with"
	}
	return ccm701.is([]string{cmp.Or(k.Backend, "the chosen keyring") + ": " + k.Err.Error()}, fix, nil)
}

func elsewhereKeyring() string {
	if runtime.GOOS == "linux" {
		return "git-credential-mfa --keyring keyctl configure (or --keyring file, with GIT_CREDENTIAL_MFA_PASSPHRASE)"
	}
	return "git-credential-mfa --keyring file configure (with GIT_CREDENTIAL_MFA_PASSPHRASE)"
}

// login is the command that starts a session for the profile in force.
func (c *Case) login() string {
	if profile := c.Live.AWS.Profile; profile != "" && profile != "default" {
		return "git-credential-mfa --profile " + shellWord(profile) + " login"
	}
	return "git-credential-mfa login"
}

func checkSession(c *Case) []Result {
	s := c.Live.Session
	switch {
	case c.Live.AWS.SourceErr != nil:
		return ccm720.skip("there is no profile: CCM601")
	case s.Temporary:
		return ccm720.skip("temporary keys need none")
	case s.Err != nil && !errors.Is(s.Err, cache.ErrNotFound):
		r := ccm720.is([]string{s.Err.Error()}, c.login(), nil)
		r[0].Level, r[0].Title = Warning, "the session can't be read, or started"
		return r
	case !s.Held || s.expired():
		detail := "git will ask for the MFA code when it needs one"
		if s.Held {
			detail = "the one that was kept has expired; " + detail
		}
		return ccm720.is([]string{detail}, c.login(), nil)
	}
	left := strings.TrimSuffix(session.Left(s.Session).Round(1e9).String(), "0s")
	lines := []string{cmp.Or(s.Session.ARN, "of the profile "+s.Session.Profile) + ", " + left + " left", "MFA device " + s.Session.Serial}
	if s.Session.ClockOffset != 0 {
		lines = append(lines, "kept with a clock offset of "+roughly(s.Session.ClockOffset.Abs()))
	}
	return ccm720.isNot(lines...)
}

func checkSessionTaken(c *Case) []Result {
	s := c.Live.Session
	switch {
	case c.Live.Offline:
		return ccm721.skip(offlineReason)
	case !s.usable():
		return ccm721.skip("there is no session: CCM720")
	case s.Temporary:
		return ccm721.skip("temporary keys are asked about in CCM604")
	case s.CallerErr == nil && s.Caller.ARN != "":
		return ccm721.isNot(s.Caller.ARN)
	case s.CallerErr == nil || c.onTheWay():
		return ccm721.skip("AWS was not reached")
	}
	if _, kind := session.Explain(s.CallerErr); kind == session.ErrClock {
		return ccm721.skip("the clock is wrong: CCM801")
	}
	return ccm721.is([]string{failure(s.CallerErr), "its access key may have been deleted, or its sessions revoked"}, c.login()+" --refresh", nil)
}

// checkPrompt says how the code would be asked for from here, without asking.
func checkPrompt(c *Case) []Result {
	p := c.Live.Prompt
	switch {
	case c.Live.AWS.SourceErr != nil && p.Way == "" && p.Err == nil:
		return ccm740.skip("there is no profile to read its settings from: CCM601")
	case p.Err == nil:
		return ccm740.isNot(append([]string{p.Way}, p.Reasons...)...)
	}
	lines := append([]string{p.Err.Error()}, p.Reasons...)
	r := ccm740.is(lines, "in a terminal: "+c.login(), nil)
	// A session that is there is not asked for.
	if c.Live.Session.usable() || errors.Is(p.Err, prompt.ErrForbidden) {
		r[0].Level = Info
	}
	return r
}
