// Package cache keeps sessions in the operating system's keyring, and holds the
// lock between processes that keeps them from asking for the same MFA code at
// once. Not found, unavailable, locked and failed are different outcomes here:
// only after the first may a new session simply be asked for.
package cache

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

const appName = "git-credential-mfa"

var (
	// ErrNoFolder says that there is no folder for locks that is ours alone; the
	// error that wraps it says why.
	ErrNoFolder = errors.New("no private folder for locks")

	// ErrNoHome says that nothing names the user's own folder, where the file
	// keyring is.
	ErrNoHome = errors.New("no folder for the file keyring")

	// ErrNotFound says that the keyring holds no such item, or one that is not
	// ours to read (another version's, a foreign program's, or one whose fields
	// are not those that its name stands for). The trace says which.
	ErrNotFound = errors.New("not in the keyring")

	// ErrUnavailable says that there is no such keyring here; the error that wraps
	// it says what is missing.
	ErrUnavailable = errors.New("no such keyring here")

	// ErrNoSessionBus says that there is no session bus of this user's, as in a
	// job of cron's. It comes with ErrUnavailable.
	ErrNoSessionBus = errors.New("no session bus")

	// ErrLocked says that the keyring is there, but locked, or that it refuses us.
	ErrLocked = errors.New("the keyring is locked")

	// ErrDenied says that the keyring is open, and keeps the item from this
	// program: another build of it wrote the item (macOS). It can be replaced and
	// removed.
	ErrDenied = errors.New("the keyring keeps the item for another build of this program")

	// ErrTimeout says that the keyring is there, but did not answer in time.
	ErrTimeout = errors.New("the keyring does not answer")

	// ErrNoPassphrase says that the file keyring was chosen without a passphrase.
	ErrNoPassphrase = errors.New("the file keyring needs GIT_CREDENTIAL_MFA_PASSPHRASE")

	// ErrPassphrase says that an item of the file keyring was written with another
	// passphrase. It is left as it is.
	ErrPassphrase = errors.New("wrong passphrase for the file keyring")
)

// KeptError is for an item of macOS's keychain that another program wrote and
// that this one may not delete.
type KeptError struct {
	// Command deletes it, after a question of macOS's.
	Command string
}

func (KeptError) Error() string { return "the keychain keeps an item of another program" }

// errUnreadable is the error of a keyring for a damaged item, which is treated
// as not found, with a line in the trace.
var errUnreadable = errors.New("unreadable item")

// absent reports whether a keyring has no such item, or none that can be read.
func absent(err error) bool {
	return errors.Is(err, keyring.ErrKeyNotFound) || errors.Is(err, errUnreadable)
}

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

// Store is an open keyring. It keeps no connection and needs no closing.
type Store struct {
	ring  keyring.Keyring
	name  func() string
	trace func(format string, args ...any)

	auto   bool
	missed func() error
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

// New returns a store over any keyring, by a name. Open is for those of the
// system.
func New(ring keyring.Keyring, name string) *Store {
	return newStore(ring, func() string { return name }, nil)
}

func newStore(ring keyring.Keyring, name func() string, trace func(string, ...any)) *Store {
	if trace == nil {
		trace = func(string, ...any) {}
	}
	return &Store{ring: ring, name: name, trace: trace}
}

// Backend names the keyring in use, in the words of the keyring option. Under
// auto, asked before any operation, it has to find out, within two seconds;
// afterwards it costs nothing.
func (s *Store) Backend() string { return s.name() }

// Auto reports whether the keyring was left to this package to choose.
func (s *Store) Auto() bool { return s.auto }

// Missed says why, under auto, the keyring of the desktop is not the one in
// use: ErrNoSessionBus, say. It is nil if it is, and costs what Backend costs.
func (s *Store) Missed() error {
	if s.missed == nil {
		return nil
	}
	return s.missed()
}

// read returns an item by its decoder, which looks whether the item's fields
// are those that its key stands for. what names the item in errors. Only
// ErrNotFound means that there is none.
func read[T any](s *Store, what, key string, decode func(key string, data []byte) (T, error)) (T, error) {
	var item T
	data, err := s.get(key)
	if err == nil {
		if item, err = decode(key, data); err != nil {
			err = s.skip(key, err)
		}
	}
	if err != nil {
		return item, fmt.Errorf("reading the %s from the keyring: %w", what, err)
	}
	return item, nil
}

// list returns every item whose key begins with prefix and that can be read, in
// the order of the keys.
func list[T any](s *Store, what, prefix string, decode func(key string, data []byte) (T, error)) ([]T, error) {
	keys, err := s.ring.Keys()
	if err != nil {
		return nil, fmt.Errorf("listing the keyring: %w", err)
	}
	slices.Sort(keys)
	var items []T
	for _, key := range keys {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		item, err := read(s, what, key, decode)
		if errors.Is(err, ErrDenied) {
			err = s.skip(key, err)
		}
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// write stores an item that encoding has given, or returns the error of that;
// what names the item in errors.
func (s *Store) write(what string, item keyring.Item, err error) error {
	if err == nil {
		err = s.ring.Set(item)
	}
	if err != nil {
		return fmt.Errorf("writing the %s to the keyring: %w", what, err)
	}
	return nil
}

// forget removes an item; what names it in errors. That there is none is not an
// error.
func (s *Store) forget(what, key string) error {
	if err := s.remove(key); err != nil {
		return fmt.Errorf("removing the %s from the keyring: %w", what, err)
	}
	return nil
}

// get reads an item's data, and returns ErrNotFound for each of the ways in
// which a keyring says that it has none.
func (s *Store) get(key string) ([]byte, error) {
	item, err := s.ring.Get(key)
	switch {
	case errors.Is(err, errUnreadable):
		return nil, s.skip(key, err)
	case absent(err):
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	}
	return item.Data, nil
}

// skip leaves an unreadable item where it is: it may be a newer version's, for
// which it is a good session.
func (s *Store) skip(key string, why error) error {
	s.trace("keyring: %s: ignored: %v", key, why)
	return ErrNotFound
}

// label is what people see in Seahorse or Keychain Access.
func label(what, profile string) string {
	if profile == "" {
		return "git-credential-mfa " + what
	}
	return "git-credential-mfa " + what + " for profile " + profile
}

func (s *Store) remove(key string) error {
	if err := s.ring.Remove(key); err != nil && !errors.Is(err, keyring.ErrKeyNotFound) {
		return err
	}
	return nil
}

// Clear forgets every session and device of ours, the unreadable ones too, and
// nothing else. What can be removed is, even when something else can't.
func (s *Store) Clear() error {
	keys, err := s.ring.Keys()
	errs := []error{err}
	for _, key := range keys {
		for _, prefix := range []string{sessionPrefix, devicePrefix, checkPrefix} {
			if strings.HasPrefix(key, prefix) {
				errs = append(errs, s.remove(key))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("clearing the keyring: %w", err)
	}
	return nil
}

// Check writes an item of 4 KB, the size of a long session, reads it back and
// removes it.
func (s *Store) Check() error {
	key := checkPrefix + strings.ToLower(rand.Text())
	data := bytes.Repeat([]byte("x"), 4096)
	if err := s.ring.Set(keyring.Item{Key: key, Data: data, Label: label("check", "")}); err != nil {
		return fmt.Errorf("writing to the keyring: %w", err)
	}
	item, err := s.ring.Get(key)
	removed := s.remove(key)
	switch {
	case err != nil && !errors.Is(err, keyring.ErrKeyNotFound):
		return fmt.Errorf("reading from the keyring: %w", err)
	case !bytes.Equal(item.Data, data) && s.name() != backendNone:
		return errors.New("the keyring does not give back what it was given")
	case removed != nil:
		return fmt.Errorf("removing from the keyring: %w", removed)
	}
	return nil
}

// noRing keeps nothing, so that the code is asked each time.
type noRing struct{}

func (noRing) Get(string) (keyring.Item, error) { return keyring.Item{}, keyring.ErrKeyNotFound }

func (noRing) Set(keyring.Item) error { return nil }

func (noRing) Remove(string) error { return keyring.ErrKeyNotFound }

func (noRing) Keys() ([]string, error) { return nil, nil }
