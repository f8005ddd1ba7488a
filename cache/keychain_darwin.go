package cache

import (
	"context"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// keychainLimit bounds one operation of the keychain.
const keychainLimit = 2 * time.Second

// openNative opens the keychain, for auto too.
func openNative(ctx context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto && o.Backend != backendKeychain {
		return opened{}, foreignKeyring(o.Backend)
	}
	ring, err := keychain.Open(ctx, keychain.Apple, appName, keychainLimit,
		keychain.Words{Unavailable: ErrUnavailable, Locked: ErrLocked, Denied: ErrDenied, Timeout: ErrTimeout, Kept: kept})
	if err != nil && o.Backend == backendAuto {
		o.Trace("keyring: keychain: %v", err)
		return named(noRing{}, backendNone), nil
	}
	return named(ring, backendKeychain), err
}

// kept returns the error for an item that this program may not delete, with the
// command that deletes it.
func kept(service, account string) error {
	return KeptError{"security delete-generic-password -s " + shell.Quote(service) + " -a " + shell.Quote(account)}
}
