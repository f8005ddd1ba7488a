package cache

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// The real keychain, under a name of the test's own: the sessions of whoever runs it are neither seen nor touched.
func TestRealKeychain(t *testing.T) {
	ring, err := keychain.Open(t.Context(), keychain.Apple, appName+" test "+rand.Text(), answerLimit,
		keychain.Words{Unavailable: ErrUnavailable, Locked: ErrLocked, Denied: ErrDenied, Timeout: ErrTimeout, Kept: kept})
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(ring, func() string { return backendKeychain }, t.Logf)
	t.Cleanup(func() { _ = store.Clear() })
	if err := store.Check(); errors.Is(err, ErrLocked) || errors.Is(err, ErrUnavailable) {
		keyringtest.Missing(t, err.Error())
	}
	exercise(t, store)
}
