package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"

	library "github.com/99designs/keyring"
	"github.com/danieljoos/wincred"
	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

const (
	// winCredLimit is CRED_MAX_CREDENTIAL_BLOB_SIZE: 5*512 bytes.
	// https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw
	winCredLimit = 2560

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
		return lockWriters(ctx, dir)()
	}
	return &parted{ring: winCred{ring}, max: winCredLimit, lock: lock, trace: o.Trace}, nil
}

// winCred is the library's client with its errors mapped to ours.
type winCred struct{ client library.Keyring }

func (w winCred) Get(key string) (keyring.Item, error) {
	item, err := w.client.Get(key)
	return keyring.Item{Key: key, Data: item.Data}, winCredError(err)
}

func (w winCred) Set(item keyring.Item) error {
	return winCredError(w.client.Set(library.Item{Key: item.Key, Data: item.Data}))
}

// Remove does not use the library's, which reads the secret first and so can't
// remove an item that it can't read.
func (w winCred) Remove(key string) error {
	return winCredError(wincred.NewGenericCredential(winCredNames + key).Delete())
}

// Keys does not use the library's, which returns an empty list when it fails:
// logout --all would report that everything is forgotten.
func (w winCred) Keys() ([]string, error) {
	credentials, err := wincred.FilteredList(winCredNames + "*")
	var keys []string
	for _, credential := range credentials {
		if key, ok := strings.CutPrefix(credential.TargetName, winCredNames); ok {
			keys = append(keys, key)
		}
	}
	return keys, logonError(err)
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
	return logonError(err)
}

// logonError explains ERROR_NO_SUCH_LOGON_SESSION, the error of a logon over the
// network, such as OpenSSH's with a key: there, Windows can't decrypt what it
// encrypted with the password.
func logonError(err error) error {
	if errors.Is(err, windows.ERROR_NO_SUCH_LOGON_SESSION) {
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
