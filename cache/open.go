package cache

import (
	"context"
	"fmt"
	"runtime"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// The keyrings by the names that the option, status and doctor use.
const (
	backendAuto          = "auto"
	backendKeychain      = "keychain"
	backendWinCred       = "wincred"
	backendSecretService = "secret-service"
	backendKeyctl        = "keyctl"
	backendFile          = "file"
	backendNone          = "none"
)

// Options choose a keyring.
type Options struct {
	// Backend is auto (also when empty), keychain, wincred, secret-service,
	// keyctl, file or none.
	Backend string
	// Passphrase and Dir are the file keyring's; an empty Dir means its usual
	// folder.
	Passphrase []byte
	Dir        string
	// Trace, if there is one, is told of what was chosen and of what was skipped;
	// it never gets a secret.
	Trace func(format string, args ...any)
}

// opened is a keyring and the name that it goes by.
type opened struct {
	keyring.Keyring
	name func() string
	// missed says why the keyring that is first choice is not it.
	missed func() error
}

func named(ring keyring.Keyring, name string) opened {
	return opened{ring, func() string { return name }, func() error { return nil }}
}

// Open opens the keyring that o chooses. A chosen keyring that is not there is
// ErrUnavailable, from here or, where asking would cost a round trip of its
// own, from the first operation. Under auto the keyring that is not there gives
// way to the next, down to none; one that is there and fails never does. ctx
// ends every later operation as well.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Trace == nil {
		o.Trace = func(string, ...any) {}
	}
	if o.Backend == "" {
		o.Backend = backendAuto
	}
	var ring opened
	var err error
	switch o.Backend {
	case backendNone:
		ring = named(noRing{}, backendNone)
	case backendFile:
		ring, err = openFile(o)
	case backendAuto, backendKeychain, backendWinCred, backendSecretService, backendKeyctl:
		ring, err = openNative(ctx, o)
	default:
		err = fmt.Errorf("unknown keyring %q", o.Backend)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the keyring: %w", err)
	}
	store := newStore(ring, ring.name, o.Trace)
	store.auto, store.missed = o.Backend == backendAuto, ring.missed
	return store, nil
}

// foreignKeyring is the error for a keyring of another operating system.
func foreignKeyring(backend string) error {
	return fmt.Errorf("%w: %s does not exist on %s", ErrUnavailable, backend, runtime.GOOS)
}

// noRing keeps nothing, so that the code is asked each time.
type noRing struct{}

func (noRing) Get(string) (keyring.Item, error) { return keyring.Item{}, keyring.ErrKeyNotFound }

func (noRing) Set(keyring.Item) error { return nil }

func (noRing) Remove(string) error { return keyring.ErrKeyNotFound }

func (noRing) Keys() ([]string, error) { return nil, nil }
