package doctor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// oldKey is the age at which an access key should be replaced, the default of
// AWS Config's rule access-keys-rotated.
const oldKey = 90 * 24 * time.Hour

// keysCommand returns the command for an action of keys on the profile.
func (e *Evidence) keysCommand(action string) string {
	command := "git-credential-mfa "
	if profile := cmp.Or(e.AWS.Profile, "default"); profile != "default" {
		command += "--profile " + shell.Here.Quote(profile) + " "
	}
	return command + "keys " + action
}

// checkInTheClear looks for a long-term access key in a file. Every program of the
// user and every backup can read it.
func checkInTheClear(e *Evidence) Finding {
	a := e.AWS
	switch {
	case !a.LongTerm:
		return skipped("there is no long-term access key")
	case a.Stored:
		return fine("it is in the keyring")
	case a.KeyPlace == "":
		return skipped("the access key is in no AWS file")
	case e.Keyring.Err != nil || e.Keyring.Backend == "none" || e.Keyring.Backend == "keyctl":
		return found(e.keysCommand("import")+", with a keyring that keeps it after a restart", a.KeyPlace)
	}
	return found(e.keysCommand("import"), a.KeyPlace)
}

// checkKeyAge checks the age of the access key. Only IAM knows it, and ForceMFA
// allows the question only to a session with MFA.
func checkKeyAge(e *Evidence) Finding {
	k := e.AWS.KeyAge
	switch {
	case !e.AWS.LongTerm:
		return skipped("there is no long-term access key")
	case e.Offline:
		return skipped(offlineReason)
	case k.Err != nil:
		return skipped("IAM did not say (" + k.Err.Text + "); it needs iam:ListAccessKeys")
	case k.Created.IsZero():
		return skipped("it needs a session with MFA: git-credential-mfa login")
	}
	age := e.Now.Sub(k.Created)
	text := fmt.Sprintf("created %s, %d days ago", k.Created.Format(time.DateOnly), int(age.Hours()/24))
	if age <= oldKey {
		return fine(text)
	}
	return found(e.keysCommand("rotate"), text)
}
