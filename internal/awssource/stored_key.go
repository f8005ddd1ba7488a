package awssource

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// StoredKeySetting is the key of a profile that names the access key in the
// keyring by its id, so that a session is found without reading the access key
// or running anything.
const StoredKeySetting = "mfa_access_key_id"

// StoredKey returns the id of the access key that the keyring holds for a
// profile, or "". A profile counts that has this program for its own
// credential_process: without that line, the SDKs would find no credentials. A
// key in a file wins, as it does for SDKs.
func StoredKey(profile *awsfile.Profile) string {
	if profile.HasKeys() || !ServesItself(profile.Get("credential_process"), profile.Name) { // mutation: stored key: a profile that serves itself
		return ""
	}
	return profile.Get(StoredKeySetting)
}

// ServesItself reports whether a credential_process is this program for the
// profile that the line stands in. The profile is then never asked for
// credentials by way of that line: it would ask itself.
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
