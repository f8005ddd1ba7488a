//go:build darwin || linux

// Package keychain stores items in macOS's keychain. It calls
// Security.framework without cgo, so that any system can build the program. It
// never opens a dialog, and never reports an item that it may not read as not
// found.
//
// It compiles for Linux as well, for its tests, which run it against a stand-in
// library. The Linux program does not import it.
package keychain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/bounded"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// Words are the caller's errors, which the errors of this package wrap. For an
// item that is not there the error is keyring.ErrKeyNotFound.
type Words struct {
	// Unavailable: there is no keychain.
	Unavailable error
	// Locked: the keychain is locked, or refuses without a reason.
	Locked error
	// Denied: the keychain is unlocked, but only another program may read the item.
	// To macOS, another build of an unsigned program is another program.
	Denied error
	// Timeout: the keychain did not answer within the limit.
	Timeout error
	// Kept returns the error for an item that this program may not delete, given by
	// its service and account.
	Kept func(service, account string) error
}

// Keychain is a keyring.Keyring in the user's default keychain.
type Keychain struct {
	*library
	// ctx is stored because the methods of keyring.Keyring have no such parameter.
	ctx     context.Context
	service string
	limit   time.Duration
	words   Words
}

// Open loads the libraries. All methods read and write only items of the given
// service. limit bounds each operation, and ctx ends every later operation as
// well. The error wraps words.Unavailable.
func Open(ctx context.Context, libraries Libraries, service string, limit time.Duration, words Words) (*Keychain, error) {
	library, err := load(libraries)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", words.Unavailable, err)
	}
	return &Keychain{library: library, ctx: ctx, service: service, limit: limit, words: words}, nil
}

// do runs op, and returns words.Timeout if it takes longer than the limit: a
// call into securityd that hangs can't be interrupted.
func do[T any](k *Keychain, op func(*pool) (T, error)) (T, error) {
	value, err := bounded.Do(k.ctx, k.limit, func() (T, error) { // mutation: the limit of the keychain
		p := &pool{library: k.library}
		defer p.release()
		return op(p)
	})
	if errors.Is(err, bounded.ErrTimeout) {
		err = fmt.Errorf("%w: %w", k.words.Timeout, err)
	}
	return value, err
}

// mapError maps a status to one of the caller's errors.
func (k *Keychain) mapError(status Status) error {
	switch {
	case status == success:
		return nil
	case status == itemNotFound: // mutation: a locked keychain is not an empty one
		return keyring.ErrKeyNotFound
	case status.refused():
		return fmt.Errorf("%w: %w", k.words.Locked, status)
	case status.missing():
		return fmt.Errorf("%w: %w", k.words.Unavailable, status)
	}
	return fmt.Errorf("the keychain: %w", status)
}
