// Package cache stores sessions, MFA devices and long-term access keys in the
// operating system's keyring. It also has the lock between processes, so that
// only one of them asks for an MFA code. Not found, unavailable, locked and
// failed are different errors: only after the first may a caller replace the
// item without asking.
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
	// ErrNoFolder: there is no folder for locks that only this user can write to.
	// The error that wraps it gives the reason.
	ErrNoFolder = errors.New("no private folder for locks")

	// ErrNoHome: the folder of the file keyring is not known, because neither HOME
	// nor a variable like it is set.
	ErrNoHome = errors.New("no folder for the file keyring")

	// ErrNotFound: the keyring has no such item, or one that this program does not
	// use: another version's, another program's, or one whose fields do not match
	// its name. The trace says which.
	ErrNotFound = errors.New("not in the keyring")

	// ErrUnavailable: there is no such keyring on this machine. The error that
	// wraps it names what is missing.
	ErrUnavailable = errors.New("no such keyring here")

	// ErrNoSessionBus: this user has no session bus, for example in a cron job. It
	// comes with ErrUnavailable.
	ErrNoSessionBus = errors.New("no session bus")

	// ErrLocked: the keyring is locked, or refuses access.
	ErrLocked = errors.New("the keyring is locked")

	// ErrDenied: the keyring is unlocked, but does not let this program read the
	// item, because another build of the program wrote it (macOS). The item can be
	// replaced and removed.
	ErrDenied = errors.New("only another build of this program may read the item")

	// ErrTimeout: the keyring did not answer within its limit.
	ErrTimeout = errors.New("the keyring does not answer")

	// ErrNoPassphrase: the file keyring was chosen, and there is no passphrase.
	ErrNoPassphrase = errors.New("the file keyring needs GIT_CREDENTIAL_MFA_PASSPHRASE")

	// ErrPassphrase: the item of the file keyring was written with another
	// passphrase. The item is left as it is.
	ErrPassphrase = errors.New("wrong passphrase for the file keyring")
)

// KeptError is the error for an item in macOS's keychain that another program
// wrote and this one may not delete.
type KeptError struct {
	// Command deletes the item, after macOS has asked the person.
	Command string
}

func (KeptError) Error() string { return "only another program may delete the item" }

// errChanged is the error for an item that is not read as it was written.
var errChanged = errors.New("the keyring returned something other than what was written")

// errUnreadable is a keyring's error for a damaged item. The item counts as not
// found, and the trace names it.
var errUnreadable = errors.New("unreadable item")

// absent reports whether the error means that there is no readable item.
func absent(err error) bool {
	return errors.Is(err, keyring.ErrKeyNotFound) || errors.Is(err, errUnreadable)
}

// The keyrings' names, as the option, status and doctor show them.
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
	// Passphrase and Dir are for the file keyring. Dir may be empty, for its usual
	// folder.
	Passphrase []byte
	Dir        string
	// Trace, unless nil, is called with the keyring that was chosen and the items
	// that were skipped, never with a secret.
	Trace func(format string, args ...any)
}

// opened is a keyring with its name.
type opened struct {
	keyring.Keyring
	name func() string
	// missed returns the reason why it is not the first choice, or nil if it is.
	missed func() error
}

func named(ring keyring.Keyring, name string) opened {
	return opened{ring, func() string { return name }, func() error { return nil }}
}

// Store is an open keyring. It holds no connection and need not be closed.
type Store struct {
	ring  keyring.Keyring
	name  func() string
	trace func(format string, args ...any)

	auto   bool
	missed func() error
}

// Open opens the keyring that o chooses. If that does not exist, the error is
// ErrUnavailable: from Open, or from the first operation, where finding out
// would cost a round trip. With auto, a keyring that does not exist is passed
// over for the next, and the last is none; one that exists and fails is not.
// ctx ends every later operation as well.
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

// foreignKeyring returns the error for a keyring of another operating system.
func foreignKeyring(backend string) error {
	return fmt.Errorf("%w: %s does not exist on %s", ErrUnavailable, backend, runtime.GOOS)
}

// New returns a store over a keyring of the caller's, with the given name.
func New(ring keyring.Keyring, name string) *Store {
	return newStore(ring, func() string { return name }, nil)
}

func newStore(ring keyring.Keyring, name func() string, trace func(string, ...any)) *Store {
	if trace == nil {
		trace = func(string, ...any) {}
	}
	return &Store{ring: ring, name: name, trace: trace, missed: func() error { return nil }}
}

// Backend returns the name of the keyring in use, as in Options.Backend. With
// auto, before any operation, it asks which one that is, which takes up to two
// seconds.
func (s *Store) Backend() string { return s.name() }

// Auto reports whether the keyring was opened with auto.
func (s *Store) Auto() bool { return s.auto }

// Missed returns the reason why auto did not choose the desktop's keyring, such
// as ErrNoSessionBus, or nil if it did. It takes as long as Backend.
func (s *Store) Missed() error { return s.missed() }

// read returns the decoded item of a key; decode also checks that the item's
// fields match the key. what names the item in errors. Only ErrNotFound means
// that there is no such item.
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

// list returns the readable items whose keys begin with prefix, sorted by key.
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

// write stores an item, unless err, the error of encoding it, is not nil. what
// names the item in errors.
func (s *Store) write(what string, item keyring.Item, err error) error {
	if err == nil {
		err = s.ring.Set(item)
	}
	if err != nil {
		return fmt.Errorf("writing the %s to the keyring: %w", what, err)
	}
	return nil
}

// forget removes an item, if there is one. what names the item in errors.
func (s *Store) forget(what, key string) error {
	if err := s.remove(key); err != nil {
		return fmt.Errorf("removing the %s from the keyring: %w", what, err)
	}
	return nil
}

// get returns an item's data, or ErrNotFound if there is none that can be read.
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

// skip traces an unreadable item and returns ErrNotFound. The item stays: it may
// be a good session of a newer version.
func (s *Store) skip(key string, why error) error {
	s.trace("keyring: %s: ignored: %v", key, why)
	return ErrNotFound
}

// label returns the item's name in programs such as Keychain Access.
func label(what, profile string) string {
	if profile == "" {
		return "git-credential-mfa " + what
	}
	return "git-credential-mfa " + what + " for profile " + profile
}

// remove removes an item, if there is one.
func (s *Store) remove(key string) error {
	if err := s.ring.Remove(key); err != nil && !errors.Is(err, keyring.ErrKeyNotFound) {
		return err
	}
	return nil
}

// Clear removes all sessions and MFA devices, also unreadable ones. It goes on
// after an error.
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

// CheckSpace writes an item as long as a session, and removes it. The error is
// the one that PutSession would return for id, for example if the disk is full.
// An item that can't be removed is not an error: KeePassXC asks a person first.
func (s *Store) CheckSpace(id Identity) error {
	key := checkPrefix + id.Key()
	err := s.write("session", keyring.Item{Key: key, Data: bytes.Repeat([]byte("x"), 2048), Label: label("check", "")}, nil)
	_ = s.remove(key)
	return err
}

// Check writes an item of 4 KiB, as large as a long session, reads it back and
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
		return errChanged
	case removed != nil:
		return fmt.Errorf("removing from the keyring: %w", removed)
	}
	return nil
}

// noRing stores nothing, so that each run asks for a code.
type noRing struct{}

func (noRing) Get(string) (keyring.Item, error) { return keyring.Item{}, keyring.ErrKeyNotFound }

func (noRing) Set(keyring.Item) error { return nil }

func (noRing) Remove(string) error { return keyring.ErrKeyNotFound }

func (noRing) Keys() ([]string, error) { return nil, nil }
