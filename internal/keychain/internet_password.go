//go:build darwin || linux

package keychain

import (
	"context"
	"errors"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// InternetPasswords are the passwords that git-credential-osxkeychain has
// stored for https. They are listed by their attributes, so that no password is
// read and no dialog comes up, as it would for a helper that another git's build
// wrote for, or a locked keychain.
type InternetPasswords struct{ keychain *Keychain }

// InternetPassword is a stored password, without the password.
type InternetPassword struct {
	Username string
	// Written is when it was last stored; zero if the keychain does not say.
	Written time.Time
}

// errNoKeychain is for a user who has none, and so no passwords in it either.
var errNoKeychain = errors.New("there is no keychain")

// OpenInternetPasswords loads the libraries. limit bounds each operation.
func OpenInternetPasswords(ctx context.Context, libraries Libraries, limit time.Duration) (InternetPasswords, error) {
	k, err := Open(ctx, libraries, "", limit, Words{
		Unavailable: errNoKeychain, Locked: errors.New("the keychain is locked"),
		Denied: errors.New("the keychain keeps the item"), Timeout: errors.New("the keychain does not answer"),
		Kept: func(string, string) error { return errors.New("the keychain keeps the item") },
	})
	return InternetPasswords{k}, err
}

// List lists what is stored for a server: for one path of it, or with "" for
// all. git's helper stores a path where useHttpPath is on.
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

// Remove deletes the passwords of one username, of all paths.
// git-credential-osxkeychain without a username deletes all of a server's since
// git 2.45. That there is none is not an error.
func (i InternetPasswords) Remove(server, username string) error {
	_, err := do(i.keychain, func(p *pool) (struct{}, error) {
		name := append(p.passwordsOf(server), pair{p.account, p.text(username)})
		if p.dictionary(name...) == 0 {
			return struct{}{}, errText
		}
		err := i.keychain.meaning(p.delete(name))
		if errors.Is(err, keyring.ErrKeyNotFound) {
			err = nil
		}
		return struct{}{}, err
	})
	return err
}

// passwordsOf returns the entries that stand for a server's passwords, as
// git-credential-osxkeychain names them.
func (p *pool) passwordsOf(server string) []pair {
	pairs := []pair{{p.class, p.internetPassword}, {p.server, p.text(server)}, {p.protocol, p.https}}
	if p.dataProtection != 0 {
		pairs = append(pairs, pair{p.dataProtection, p.no})
	}
	return pairs
}
