package awssource

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// StoredKeySetting is the profile key for the id of an access key in the keyring.
// With it, a session is found without reading the access key or running
// anything.
const StoredKeySetting = "mfa_access_key_id"

// StoredKey returns the id of the access key that the keyring holds for a
// profile, or "". The profile's credential_process must be this program for the
// same profile: without it, the SDKs would find no credentials. A key in a file
// has precedence, as it does for the SDKs.
func StoredKey(profile *awsfile.Profile) string {
	if profile.HasKeys() || !ServesItself(profile.Get("credential_process"), profile.Name) { // mutation: stored key: a profile that serves itself
		return ""
	}
	return profile.Get(StoredKeySetting)
}

// ServesItself reports whether a profile's credential_process is this program for
// the same profile. The line is then never run by this program, which would call
// itself.
func ServesItself(process, profile string) bool {
	if !strings.HasSuffix(process, "credential-process") {
		return false
	}
	split := shell.Split
	if runtime.GOOS == "windows" {
		split = shell.SplitWindows
	}
	words, err := split(process)
	if err != nil || len(words) < 3 {
		return false
	}
	program := strings.TrimSuffix(filepath.Base(words[0]), ".exe")
	at := slices.Index(words, "--profile")
	return program == "git-credential-mfa" && (at > 0 && words[at+1] == profile || slices.Contains(words, "--profile="+profile))
}
