package cache

import (
	"context"
	"errors"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// openNative opens the Secret Service, which KWallet offers too, or the kernel's
// keyring. auto does not use the file keyring, which needs a passphrase.
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

// autoRing uses the Secret Service, or if there is none the kernel's keyring, or
// none. The first operation shows whether there is a Secret Service: to ask
// before would cost every cached answer a round trip.
type autoRing struct {
	mu      sync.Mutex
	ring    keyring.Keyring
	backend string
	decided bool
	// passedBy is the reason why the Secret Service is not used.
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

// fallBack chooses the next keyring, because there is no Secret Service. why is
// the error that showed it.
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

// do runs op, on the next keyring if there is no Secret Service. It does not
// pass over one that has answered before, or that fails (locked, frozen,
// denied): the person would be asked for a session that it already holds, and
// there would be two.
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
