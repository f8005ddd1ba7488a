package doctor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// oldKey is the age at which an access key should be replaced, as AWS's own
// rule access-keys-rotated has it (AWS Config).
const oldKey = 90 * 24 * time.Hour

// keysCommand is an action of keys for the profile.
func (e *Evidence) keysCommand(action string) string {
	command := "git-credential-mfa "
	if profile := cmp.Or(e.AWS.Profile, "default"); profile != "default" {
		command += "--profile " + shell.Here.Quote(profile) + " "
	}
	return command + "keys " + action
}

// checkInTheClear: every program of the user's, and every copy of the disk, has
// a key that lies in a file.
func checkInTheClear(e *Evidence) Finding {
	a := e.AWS
	switch {
	case !a.LongTerm:
		return skipped("there is no long-term access key to look at")
	case a.Stored:
		return fine("it is in the keyring")
	case a.KeyPlace == "":
		return skipped("the access key is in no AWS file")
	case e.Keyring.Err != nil || e.Keyring.Backend == "none" || e.Keyring.Backend == "keyctl":
		return found(e.keysCommand("import")+", with a keyring that keeps it", a.KeyPlace)
	}
	return found(e.keysCommand("import"), a.KeyPlace)
}

// checkKeyAge: only IAM knows when a key was made, and under ForceMFA it tells
// only a session with MFA.
func checkKeyAge(e *Evidence) Finding {
	k := e.AWS.KeyAge
	switch {
	case !e.AWS.LongTerm:
		return skipped("there is no long-term access key to look at")
	case e.Offline:
		return skipped(offlineReason)
	case k.Err != nil:
		return skipped("IAM does not say (" + k.Err.Text + "); that needs iam:ListAccessKeys")
	case k.Created.IsZero():
		return skipped("IAM says so only to a session with MFA: git-credential-mfa login")
	}
	age := e.Now.Sub(k.Created)
	text := fmt.Sprintf("made %s, %d days ago", k.Created.Format(time.DateOnly), int(age.Hours()/24))
	if age <= oldKey {
		return fine(text)
	}
	return found(e.keysCommand("rotate"), text)
}
