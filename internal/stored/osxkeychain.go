package stored

import (
	"fmt"
	"slices"
)

const osxkeychain = "osxkeychain"

// keychainPasswords are what git-credential-osxkeychain has stored, read without
// it: the helper puts up a dialog, and waits, for an item that another git's
// build has written, and for a locked keychain.
type keychainPasswords struct {
	usernames func(host string) ([]string, error)
	remove    func(host, username string) error
}

// ask returns the stored credential of a host that matters most: a signed
// password stops working, and is in the way.
func (k *keychainPasswords) ask(request Request) Credential {
	usernames, err := k.usernames(request.Host)
	if err != nil {
		return Credential{Reason: fmt.Sprintf("listing the keychain: %v", err)}
	}
	var found []Credential
	for _, username := range usernames {
		if request.Username == "" || request.Username == username {
			found = append(found, recogniseUsername(username))
		}
	}
	for _, kind := range []Kind{Signed, GitCredential, Other} {
		if i := slices.IndexFunc(found, func(c Credential) bool { return c.Kind == kind }); i >= 0 {
			return found[i]
		}
	}
	return Credential{}
}

// forget deletes the signed passwords of a host, each by its username.
func (k *keychainPasswords) forget(host string) error {
	usernames, err := k.usernames(host)
	if err != nil {
		return fmt.Errorf("listing the keychain: %w", err)
	}
	for _, username := range usernames {
		if recogniseUsername(username).Kind != Signed { // mutation: a Git credential in the keychain is left
			continue
		}
		if err := k.remove(host, username); err != nil {
			return fmt.Errorf("deleting from the keychain: %w", err)
		}
	}
	return nil
}
