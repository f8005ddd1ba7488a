package cache

import (
	"context"
	"errors"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// openNative gives Linux the Secret Service or the kernel's keyring. KWallet is
// reached through the Secret Service only: the library's own client hangs in a
// first-use wizard. auto takes neither file nor pass, which need a passphrase
// or gpg.
func openNative(ctx context.Context, o Options) (opened, error) {
	switch o.Backend {
	case backendKeyctl:
		ring, err := openKeyctl(keyctlPrefix)
		return named(ring, backendKeyctl), err
	case backendSecretService:
		ring, err := openSecretService(ctx, o.Trace)
		return named(ring, backendSecretService), err
	case backendAuto:
		ring := openAuto(ctx, o.Trace)
		return opened{ring, ring.name, ring.missed}, nil
	}
	return opened{}, foreignKeyring(o.Backend)
}

// autoRing is the Secret Service until that turns out not to exist, then the
// kernel's keyring, then none. Whether it exists is asked by the first
// operation itself: a question of its own would cost every cached answer a
// round trip.
type autoRing struct {
	mu      sync.Mutex
	ring    keyring.Keyring
	backend string
	decided bool
	// passedBy says why the Secret Service is not used.
	passedBy error
	trace    func(string, ...any)
}

func openAuto(ctx context.Context, trace func(string, ...any)) *autoRing {
	a := &autoRing{trace: trace}
	service, err := openSecretService(ctx, trace)
	if err != nil {
		a.fallBack(err)
		return a
	}
	a.ring, a.backend = service, backendSecretService
	return a
}

// fallBack takes the next keyring, since there is no Secret Service, for the
// reason given.
func (a *autoRing) fallBack(why error) {
	a.decided, a.passedBy = true, why
	a.trace("keyring: secret-service: %v", why)
	ring, err := openKeyctl(keyctlPrefix)
	if err != nil {
		a.trace("keyring: keyctl: %v", err)
		a.ring, a.backend = noRing{}, backendNone
		return
	}
	a.ring, a.backend = ring, backendKeyctl
}

// do runs op, on the next keyring if the Secret Service is not there. One that
// was there once, or that fails (locked, frozen, denied), is never passed by:
// the session that it holds would be asked for again, and then be kept twice.
func (a *autoRing) do(op func(keyring.Keyring) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := op(a.ring)
	if !a.decided && errors.Is(err, ErrUnavailable) {
		a.fallBack(err)
		return op(a.ring)
	}
	a.decided = true
	return err
}

func (a *autoRing) name() string {
	_ = a.do(func(ring keyring.Keyring) error {
		if service, ok := ring.(*secretService); ok && !a.decided {
			return service.present()
		}
		return nil
	})
	return a.backend
}

func (a *autoRing) missed() error {
	_ = a.name()
	return a.passedBy
}

func (a *autoRing) Get(key string) (item keyring.Item, err error) {
	err = a.do(func(ring keyring.Keyring) error {
		item, err = ring.Get(key)
		return err
	})
	return item, err
}

func (a *autoRing) Set(item keyring.Item) error {
	return a.do(func(ring keyring.Keyring) error { return ring.Set(item) })
}

func (a *autoRing) Remove(key string) error {
	return a.do(func(ring keyring.Keyring) error { return ring.Remove(key) })
}

func (a *autoRing) Keys() (keys []string, err error) {
	err = a.do(func(ring keyring.Keyring) error {
		keys, err = ring.Keys()
		return err
	})
	return keys, err
}
