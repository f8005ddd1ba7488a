//go:build darwin || linux

// Package keychain is a keyring on macOS's keychain: it calls
// Security.framework without cgo, so that the program can be built anywhere. It
// never puts a dialog up, and never takes what it may not read for what is not
// there.
//
// It is built for Linux too, where its tests run it against a library of their
// own; no program for Linux holds it.
package keychain

import (
	"context"
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// Words are the caller's errors for what can go wrong; the errors of this
// package wrap them. That an item is not there is keyring.ErrKeyNotFound.
type Words struct {
	// Unavailable is for a system without a keychain.
	Unavailable error
	// Locked is for a keychain that is locked, or that refuses and does not say why.
	Locked error
	// Denied is for an item that the keychain, though open, keeps for another
	// program. To macOS a new build of an unsigned program is another one.
	Denied error
	// Timeout is for a keychain that does not answer.
	Timeout error
	// Kept returns the error for an item, by its service and account, that this
	// program may not delete.
	Kept func(service, account string) error
}

// Keychain is a keyring.Keyring in the user's default keychain.
type Keychain struct {
	*library
	// ctx is kept because the keyring's interface passes none.
	ctx     context.Context
	service string
	limit   time.Duration
	words   Words
}

// Open loads the libraries. Items are kept under the name service, and only
// such are seen. limit bounds each operation. The error wraps
// words.Unavailable. ctx ends every later operation as well.
func Open(ctx context.Context, libraries Libraries, service string, limit time.Duration, words Words) (*Keychain, error) {
	library, err := load(libraries)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", words.Unavailable, err)
	}
	return &Keychain{library: library, ctx: ctx, service: service, limit: limit, words: words}, nil
}

// do runs op for as long as the limit lets it. A call into securityd that hangs
// can't be ended: it is left behind, with its references, and the process that
// waited for it ends soon. What op finds comes back through a channel, so that
// one left behind writes to nothing that is still in use.
func do[T any](k *Keychain, op func(*pool) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.limit) // mutation: the limit of the keychain
	defer cancel()
	done := make(chan result, 1)
	go func() {
		p := &pool{library: k.library}
		value, err := op(p)
		p.release()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		if err := k.ctx.Err(); err != nil {
			return none, err
		}
		return none, fmt.Errorf("%w: no answer within %v", k.words.Timeout, k.limit)
	}
}

// meaning puts a status into the caller's words.
func (k *Keychain) meaning(status Status) error {
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
