package stored

import (
	"context"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
)

func openKeychain(ctx context.Context) *keychainPasswords {
	passwords, err := keychain.OpenInternetPasswords(ctx, keychain.Apple, limit)
	if err != nil {
		return &keychainPasswords{list: func(string, string) ([]keychainPassword, error) { return nil, err }}
	}
	return &keychainPasswords{remove: passwords.Remove, list: func(host, path string) (all []keychainPassword, err error) {
		found, err := passwords.List(host, path)
		for _, p := range found {
			all = append(all, keychainPassword(p))
		}
		return all, err
	}}
}
