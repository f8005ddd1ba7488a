package stored

import (
	"context"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
)

func openKeychain(ctx context.Context) *keychainPasswords {
	passwords, err := keychain.OpenInternetPasswords(ctx, keychain.Apple, limit)
	if err != nil {
		return &keychainPasswords{usernames: func(string) ([]string, error) { return nil, err }}
	}
	return &keychainPasswords{passwords.Usernames, passwords.Remove}
}
