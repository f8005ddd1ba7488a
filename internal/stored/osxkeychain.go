package stored

import (
	"fmt"
	"slices"
	"time"
)

const osxkeychain = "osxkeychain"

// keychainPasswords are what git-credential-osxkeychain has stored, read without
// it: the helper puts up a dialog, and waits, for an item that another git's
// build has written, and for a locked keychain.
type keychainPasswords struct {
	// list lists those of a host, and with a path of that path only.
	list   func(host, path string) ([]keychainPassword, error)
	remove func(host, username string) error
}

// keychainPassword is one of them: its username, and when it was last stored.
type keychainPassword struct {
	Username string
	Written  time.Time
}

// ask returns the stored credential of a host that matters most: a signed
// password stops working, and is in the way.
func (k *keychainPasswords) ask(request Request) Credential {
	passwords, err := k.list(request.Host, request.Path)
	if err != nil {
		return Credential{Reason: fmt.Sprintf("listing the keychain: %v", err)}
	}
	var found []Credential
	for _, p := range passwords {
		if request.Username == "" || request.Username == p.Username {
			found = append(found, p.recognise())
		}
	}
	for _, kind := range []Kind{Signed, GitCredential, Other} {
		if i := slices.IndexFunc(found, func(c Credential) bool { return c.Kind == kind }); i >= 0 {
			return found[i]
		}
	}
	return Credential{}
}

// recognise takes the time at which git stored a signed password for that of its
// signature: git stores one within seconds.
func (p keychainPassword) recognise() Credential {
	c := recogniseUsername(p.Username)
	if c.Kind == Signed {
		c.SignedAt = p.Written
	}
	return c
}

// forget deletes the signed passwords of a host, each by its username.
func (k *keychainPasswords) forget(host string) error {
	passwords, err := k.list(host, "")
	if err != nil {
		return fmt.Errorf("listing the keychain: %w", err)
	}
	for _, p := range passwords {
		if p.recognise().Kind != Signed { // mutation: a Git credential in the keychain is left
			continue
		}
		if err := k.remove(host, p.Username); err != nil {
			return fmt.Errorf("deleting from the keychain: %w", err)
		}
	}
	return nil
}
