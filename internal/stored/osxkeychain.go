package stored

import (
	"fmt"
	"slices"
	"time"
)

const osxkeychain = "osxkeychain"

// keychainPasswords reads what git-credential-osxkeychain has stored, without
// running it: for an item that another build of git wrote, or in a locked
// keychain, it opens a dialog and waits.
type keychainPasswords struct {
	// list returns the passwords of a host; with a path, only those of that path.
	list   func(host, path string) ([]keychainPassword, error)
	remove func(host, username string) error
}

// keychainPassword is a stored password, without the password.
type keychainPassword struct {
	Username string
	Written  time.Time // when it was last stored
}

// ask returns what is stored for a request. Of several it prefers a signed
// password: it no longer works, and git would use it.
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

// recognise returns the credential by its username. The time of a signature is
// the time at which git stored the password, seconds later.
func (p keychainPassword) recognise() Credential {
	c := recogniseUsername(p.Username)
	if c.Kind == Signed {
		c.SignedAt = p.Written
	}
	return c
}

// forget deletes the signed passwords of a host.
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
