package doctor

import (
	"cmp"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// checkKeyring checks that the keyring stores and returns 4 KB, the size of a long
// session.
func checkKeyring(e *Evidence) Finding {
	k := e.Keyring
	switch {
	case k.Backend == "none":
		f := found(e.keyringChoice(), "without one, every git command asks for the code")
		f.Level, f.Title = Warning, language.Text{English: "there is no keyring", Japanese: "キーリングがない"}
		return f
	case k.Err == nil:
		return fine(k.Backend + ", a 4 KB item")
	}
	fix := e.keyringChoice()
	switch {
	case k.Err.is(KeyringLocked) && e.System == shell.MacOS:
		fix = "security unlock-keychain"
	case k.Err.is(KeyringLocked) && e.System == shell.Linux:
		fix = "unlock the login keyring (Passwords and Keys, or seahorse), or: " + fix
	case k.Err.is(KeyringSilent):
		fix = "restart the keyring's own program, or: " + fix
	case k.Err.is(WrongPassphrase):
		fix = "set GIT_CREDENTIAL_MFA_PASSPHRASE to the passphrase that the file keyring was created with"
	}
	return found(fix, cmp.Or(k.Backend, "the chosen keyring")+": "+k.Err.Text)
}

// checkLockFolder checks the folder for locks, without which no session can start.
func checkLockFolder(e *Evidence) Finding {
	k := e.Keyring
	switch {
	case e.Session.Temporary:
		return skipped("temporary keys need no lock")
	case k.LockErr == nil: // mutation: doctor finds no folder for locks
		return fine(k.LockFolder)
	case e.Session.Usable():
		f := found(k.LockErr.fix(""), k.LockErr.Text, "git works until the session ends")
		f.Level = Warning
		return f
	}
	return found(k.LockErr.fix(""), k.LockErr.Text)
}

// checkJobKeyring checks whether jobs without a session bus find the session.
func checkJobKeyring(e *Evidence) Finding {
	job := e.Keyring.Job
	switch {
	case !job.Asked:
		return skipped("only for a session in a keyring that needs the session bus")
	case job.Stored:
		return fine(job.Backend)
	}
	line := "cron, systemd's services and git maintenance read " + job.Backend + ", which has no session"
	if job.Err != nil {
		line = "cron, systemd's services and git maintenance have none: " + job.Err.Text
	}
	return found(e.login()+" --keyring "+job.Backend, line, `what they see: env -i HOME="$HOME" PATH="$PATH" git-credential-mfa status`)
}

func (e *Evidence) keyringChoice() string {
	if e.System == shell.Linux {
		return "git-credential-mfa --keyring keyctl configure (or --keyring file, with GIT_CREDENTIAL_MFA_PASSPHRASE)"
	}
	return "git-credential-mfa --keyring file configure (with GIT_CREDENTIAL_MFA_PASSPHRASE)"
}

// login returns the command that starts a session for the profile.
func (e *Evidence) login() string {
	if profile := e.AWS.Profile; profile != "" && profile != "default" {
		return "git-credential-mfa --profile " + e.System.Quote(profile) + " login"
	}
	return "git-credential-mfa login"
}

func checkSession(e *Evidence) Finding {
	s := e.Session
	switch {
	case e.AWS.SourceErr != nil:
		return skipped("there is no profile: CCM601")
	case s.Temporary:
		return skipped("temporary keys need none")
	case s.Err != nil:
		f := found(e.login(), s.Err.Text)
		f.Level, f.Title = Warning, language.Text{English: "the session can't be read, or started", Japanese: "セッションを読めない、または始められない"}
		return f
	case !s.Stored || s.Expired:
		detail := "git will ask for the MFA code when it needs one"
		if s.Stored {
			detail = "the stored one has expired; " + detail
		}
		return found(e.login(), detail)
	}
	left := strings.TrimSuffix(s.Left.Round(1e9).String(), "0s")
	lines := []string{cmp.Or(s.ARN, "of the profile "+s.Profile) + ", " + left + " left", "MFA device " + s.Serial}
	if s.ClockOffset != 0 {
		lines = append(lines, "kept with a clock offset of "+roughly(s.ClockOffset.Abs()))
	}
	return fine(lines...)
}

func checkSessionTaken(e *Evidence) Finding {
	s := e.Session
	switch {
	case e.Offline:
		return skipped(offlineReason)
	case !s.Usable():
		return skipped("there is no session: CCM720")
	case s.Temporary:
		return skipped("temporary keys are checked by CCM604")
	case s.CallerErr == nil && s.Caller.ARN != "":
		return fine(s.Caller.ARN)
	case s.CallerErr == nil, s.CallerErr.is(NotReached):
		return skipped("AWS was not reached")
	}
	if s.CallerErr.is(WrongClock) {
		return skipped("the clock is wrong: CCM801")
	}
	return found(e.login()+" --refresh", s.CallerErr.Text, "its access key may have been deleted, or its sessions revoked")
}

// checkPrompt says how the code would be asked for, without asking.
func checkPrompt(e *Evidence) Finding {
	p := e.Prompt
	switch {
	case e.AWS.SourceErr != nil && p.Way == "" && p.Err == nil:
		return skipped("there is no profile to read its settings from: CCM601")
	case p.Err == nil:
		return fine(append([]string{p.Way}, p.Reasons...)...)
	}
	lines := append([]string{p.Err.Text}, p.Reasons...)
	f := found("in a terminal: "+e.login(), lines...)
	if e.unheard() {
		f.Level, f.Title = Error, language.Text{English: "there is no session, and no way to ask for the MFA code here", Japanese: "セッションがなく、ここでは MFA コードを尋ねる方法もない"}
		return f
	}
	if e.Session.Usable() || p.Err.is(PromptForbidden) {
		f.Level = Info
	}
	return f
}
