package cache

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

func init() { keyrings["keychain"] = contender{open: realKeychain, largest: 4096} }

// realKeychain is the Mac's own, under a name of the test's own: the sessions
// of whoever runs it are neither seen nor touched.
func realKeychain(t *testing.T) *Store {
	t.Helper()
	ring, err := keychain.Open(t.Context(), keychain.Apple, appName+" test "+rand.Text(), keychainLimit,
		keychain.Words{Unavailable: ErrUnavailable, Locked: ErrLocked, Denied: ErrDenied, Timeout: ErrTimeout, Kept: kept})
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(ring, func() string { return backendKeychain }, t.Logf)
	t.Cleanup(func() { _ = store.Clear() })
	if err := store.Check(); errors.Is(err, ErrLocked) || errors.Is(err, ErrUnavailable) {
		keyringtest.Missing(t, err.Error())
	}
	return store
}
