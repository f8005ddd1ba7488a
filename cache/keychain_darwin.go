package cache

import (
	"context"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
)

// openNative gives the Mac its keychain, for auto too.
func openNative(ctx context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto && o.Backend != backendKeychain {
		return opened{}, foreignKeyring(o.Backend)
	}
	ring, err := keychain.Open(ctx, keychain.Apple, appName, answerLimit,
		keychain.Words{Unavailable: ErrUnavailable, Locked: ErrLocked, Denied: ErrDenied, Timeout: ErrTimeout, Kept: kept})
	if err != nil && o.Backend == backendAuto {
		o.Trace("keyring: keychain: %v", err)
		return named(noRing{}, backendNone), nil
	}
	return named(ring, backendKeychain), err
}
