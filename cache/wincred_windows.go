package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	library "github.com/99designs/keyring"
	"github.com/danieljoos/wincred"
	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/bounded"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

const (
	// winCredSize is CRED_MAX_CREDENTIAL_BLOB_SIZE: 5*512 bytes.
	// https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw
	winCredSize = 2560

	// winCredLimit bounds one call of Credential Manager, a remote procedure call
	// to a process of Windows.
	winCredLimit = 10 * time.Second

	winCredPrefix  = appName
	winCredService = "cache"
	winCredNames   = winCredPrefix + ":" + winCredService + ":" // as the library builds them
)

// openWinCred opens Credential Manager, for items of any size.
func openWinCred(ctx context.Context, o Options) (keyring.Keyring, error) {
	ring, err := library.Open(library.Config{
		AllowedBackends: []library.BackendType{library.WinCredBackend},
		WinCredPrefix:   winCredPrefix,
		ServiceName:     winCredService,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	lock := func() (func(), error) {
		dir, err := LockDir()
		if err != nil {
			return nil, err
		}
		return lockWriters(ctx, dir)
	}
	return &parted{ring: winCred{ctx, winCredLimit, ring}, max: winCredSize, lock: lock, trace: o.Trace}, nil
}

// winCred is the library's client with a time limit, and its errors mapped to
// ours.
type winCred struct {
	// ctx is stored because the methods of keyring.Keyring have no such parameter.
	ctx    context.Context
	limit  time.Duration
	client library.Keyring
}

// do runs op within the limit.
func (w winCred) do(op func() error) error {
	_, err := bounded.Do(w.ctx, w.limit, func() (struct{}, error) { return struct{}{}, op() })
	return winCredError(err)
}

func (w winCred) Get(key string) (keyring.Item, error) {
	item, err := bounded.Do(w.ctx, w.limit, func() (library.Item, error) { return w.client.Get(key) })
	return keyring.Item{Key: key, Data: item.Data}, winCredError(err)
}

func (w winCred) Set(item keyring.Item) error {
	return w.do(func() error { return w.client.Set(library.Item{Key: item.Key, Data: item.Data}) })
}

// Remove does not use the library's, which reads the secret first and so can't
// remove an item that it can't read.
func (w winCred) Remove(key string) error {
	return w.do(func() error { return wincred.NewGenericCredential(winCredNames + key).Delete() })
}

// Keys does not use the library's, which returns an empty list when it fails:
// logout --all would report that everything is forgotten.
func (w winCred) Keys() ([]string, error) {
	credentials, err := bounded.Do(w.ctx, w.limit, func() ([]*wincred.Credential, error) {
		return wincred.FilteredList(winCredNames + "*")
	})
	var keys []string
	for _, credential := range credentials {
		if key, ok := strings.CutPrefix(credential.TargetName, winCredNames); ok {
			keys = append(keys, key)
		}
	}
	return keys, winCredError(err)
}

// winCredError maps the errors for an item that is not there to ErrKeyNotFound.
// ERROR_FILE_NOT_FOUND is Wine's, while a part of it is not running and for an
// entry whose writer was killed.
func winCredError(err error) error {
	for _, absent := range []error{library.ErrKeyNotFound, wincred.ErrElementNotFound, windows.ERROR_FILE_NOT_FOUND} {
		if errors.Is(err, absent) {
			return keyring.ErrKeyNotFound
		}
	}
	switch {
	case errors.Is(err, bounded.ErrTimeout):
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	case errors.Is(err, windows.ERROR_NO_SUCH_LOGON_SESSION):
		// In a logon over the network, such as OpenSSH's with a key, Windows can't
		// decrypt what it encrypted with the password.
		return fmt.Errorf("%w: a network logon, such as SSH, has no Credential Manager: %w", ErrUnavailable, err)
	}
	return err
}

// openNative opens Credential Manager, for auto too.
func openNative(ctx context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto && o.Backend != backendWinCred {
		return opened{}, foreignKeyring(o.Backend)
	}
	ring, err := openWinCred(ctx, o)
	return named(ring, backendWinCred), err
}
