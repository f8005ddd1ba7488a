package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/keyring"
	"github.com/danieljoos/wincred"
	"golang.org/x/sys/windows"
)

const (
	// winCredLimit is CRED_MAX_CREDENTIAL_BLOB_SIZE: 5*512 bytes.
	// https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw
	winCredLimit = 2560

	winCredPrefix  = appName
	winCredService = "cache"
	winCredNames   = winCredPrefix + ":" + winCredService + ":" // as the library makes them
)

// openWinCred gives the library's client of Credential Manager, with what it lacks.
func openWinCred(ctx context.Context, o Options) (keyring.Keyring, error) {
	ring, err := keyring.Open(keyring.Config{
		AllowedBackends: []keyring.BackendType{keyring.WinCredBackend},
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

// winCred words the library's errors, and lists items without hiding that it can't.
type winCred struct{ keyring.Keyring }

func (w winCred) Get(key string) (keyring.Item, error) {
	item, err := w.Keyring.Get(key)
	return item, winCredError(err)
}

func (w winCred) Set(item keyring.Item) error { return winCredError(w.Keyring.Set(item)) }

// Remove: the library's own reads the secret first, and what can't be read it
// can't remove.
func (w winCred) Remove(key string) error {
	return winCredError(wincred.NewGenericCredential(winCredNames + key).Delete())
}

// Keys: the library's own returns nothing where it fails, and logout --all
// would say that all is forgotten.
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

// winCredError words what is not there as the library does. Wine, while a part
// of it is not running, has another error for that, and for an entry whose
// writer was killed.
func winCredError(err error) error {
	if errors.Is(err, wincred.ErrElementNotFound) || errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
		return keyring.ErrKeyNotFound
	}
	return logonError(err)
}

// logonError explains what a logon that came over the network brings, as
// OpenSSH's with a key do: there, Windows can't open what it encrypted with the
// password.
func logonError(err error) error {
	if errors.Is(err, windows.ERROR_NO_SUCH_LOGON_SESSION) {
		return fmt.Errorf("%w: a session that came over the network, as by SSH, has no Credential Manager: %w", ErrUnavailable, err)
	}
	return err
}

// openNative gives Windows its Credential Manager, for auto too.
func openNative(ctx context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto && o.Backend != backendWinCred {
		return opened{}, foreignKeyring(o.Backend)
	}
	ring, err := openWinCred(ctx, o)
	return named(ring, backendWinCred), err
}
