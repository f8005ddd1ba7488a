//go:build darwin || linux

package keychain

import (
	"context"
	"errors"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// InternetPasswords are the passwords that git-credential-osxkeychain has
// stored for https. Only their attributes are read: reading a password that
// another build of git stored, or one in a locked keychain, opens a dialog.
type InternetPasswords struct{ keychain *Keychain }

// InternetPassword is a stored password, without the password.
type InternetPassword struct {
	Username string
	// Written is when it was last stored, or zero if that is not known.
	Written time.Time
}

// errNoKeychain is the error for a user without a keychain, and so without
// passwords in it.
var errNoKeychain = errors.New("there is no keychain")

// OpenInternetPasswords loads the libraries. limit bounds each operation. ctx
// ends every later operation as well.
func OpenInternetPasswords(ctx context.Context, libraries Libraries, limit time.Duration) (InternetPasswords, error) {
	denied := errors.New("the keychain denies access to the item")
	k, err := Open(ctx, libraries, "", limit, Words{
		Unavailable: errNoKeychain, Locked: errors.New("the keychain is locked"),
		Denied: denied, Timeout: errors.New("the keychain does not answer"),
		Kept: func(string, string) error { return denied },
	})
	return InternetPasswords{k}, err
}

// List returns the passwords stored for a path of a server, or, with path "",
// for all paths. git-credential-osxkeychain stores the path if
// credential.useHttpPath is on.
func (i InternetPasswords) List(server, path string) ([]InternetPassword, error) {
	return do(i.keychain, func(p *pool) ([]InternetPassword, error) {
		query := p.passwordsOf(server)
		if path != "" {
			query = append(query, pair{p.path, p.text(path)})
		}
		found, err := i.keychain.list(p, query)
		if errors.Is(err, errNoKeychain) {
			return nil, nil
		}
		var all []InternetPassword
		for _, attributes := range found {
			if username, ok := p.string(p.cfDictionaryGetValue(attributes, p.account)); ok {
				all = append(all, InternetPassword{username, p.time(p.cfDictionaryGetValue(attributes, p.modificationDate))})
			}
		}
		return all, err
	})
}

// Remove deletes the passwords of one username for all paths of a server. It is
// not an error if there are none.
func (i InternetPasswords) Remove(server, username string) error {
	_, err := do(i.keychain, func(p *pool) (struct{}, error) {
		name := append(p.passwordsOf(server), pair{p.account, p.text(username)})
		if p.dictionary(name...) == 0 {
			return struct{}{}, errText
		}
		err := i.keychain.mapError(p.delete(name))
		if errors.Is(err, keyring.ErrKeyNotFound) {
			err = nil
		}
		return struct{}{}, err
	})
	return err
}

// passwordsOf returns the query for a server's passwords, with the attributes
// that git-credential-osxkeychain sets.
func (p *pool) passwordsOf(server string) []pair {
	return p.inFile(pair{p.class, p.internetPassword}, pair{p.server, p.text(server)}, pair{p.protocol, p.https})
}
