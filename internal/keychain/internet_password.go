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

// OpenInternetPasswords loads the libraries. limit bounds each operation.
func OpenInternetPasswords(ctx context.Context, libraries Libraries, limit time.Duration) (InternetPasswords, error) {
	k, err := Open(ctx, libraries, "", limit, Words{
		Unavailable: errors.New("there is no keychain"), Locked: errors.New("the keychain is locked"),
		Denied: errors.New("the keychain keeps the item"), Timeout: errors.New("the keychain does not answer"),
		Kept: func(string, string) error { return errors.New("the keychain keeps the item") },
	})
	return InternetPasswords{k}, err
}

// Usernames lists the usernames for which passwords of a server are stored.
func (i InternetPasswords) Usernames(server string) ([]string, error) {
	return do(i.keychain, func(p *pool) ([]string, error) {
		query := p.dictionary(append(p.passwordsOf(server), pair{p.matchLimit, p.all}, pair{p.returnAttributes, p.yes})...)
		if query == 0 {
			return nil, errText
		}
		var found ref
		status := p.secItemCopyMatching(query, &found)
		p.own(found)
		if status == itemNotFound {
			return nil, nil
		}
		if status != success {
			return nil, i.keychain.meaning(status)
		}
		return p.accounts(found), nil
	})
}

// Remove deletes the password of one username. git-credential-osxkeychain
// without a username deletes all of a server's since git 2.45. That there is
// none is not an error.
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
