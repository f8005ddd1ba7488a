package cache

import (
	"errors"
	"testing"

	"github.com/ebitengine/purego"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keychain"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

func init() {
	keyrings["keychain, on a stand-in"] = contender{largest: 64 << 10, open: func(t *testing.T) *Store {
		store, _ := standIn(t)
		return store
	}}
}

// standIn is the Mac's keyring, on a library that stands in for Apple's. How it
// calls that library is tested in internal/keychain.
func standIn(t *testing.T) (store *Store, set func(what string, value int32)) {
	t.Helper()
	path := keyringtest.SecurityLibrary(t)
	ring, err := keychain.Open(t.Context(), keychain.Libraries{CoreFoundation: path, Security: path}, appName, answerLimit,
		keychain.Words{Unavailable: ErrUnavailable, Locked: ErrLocked, Denied: ErrDenied, Timeout: ErrTimeout,
			Kept: func(string, string) error { return KeptError{} }})
	if err != nil {
		t.Fatal(err)
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW)
	if err != nil {
		t.Fatal(err)
	}
	purego.RegisterLibFunc(&set, handle, "fake_set")
	return newStore(ring, func() string { return backendKeychain }, t.Logf), set
}

func TestKeychain(t *testing.T) {
	store, set := standIn(t)
	session := aSession("A", 100)
	if err := store.PutSession(session); err != nil {
		t.Fatal(err)
	}
	set("locked", 1)
	if _, err := store.Session(session.Identity); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if _, err := store.Sessions(); !errors.Is(err, ErrLocked) {
		t.Errorf("locked, all: %v", err)
	}
	set("locked", 0)
	set("foreign", 1)
	if _, err := store.Session(session.Identity); !errors.Is(err, ErrDenied) {
		t.Errorf("another build's: %v", err)
	}
	if sessions, err := store.Sessions(); len(sessions) != 0 || err != nil {
		t.Errorf("another build's, all: %d, %v", len(sessions), err)
	}
	if err := store.PutSession(session); err != nil {
		t.Errorf("in its place: %v", err)
	}
	if got, err := store.Session(session.Identity); err != nil || got != session {
		t.Errorf("afterwards: %v", err)
	}
}
