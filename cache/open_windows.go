package cache

import (
	"context"
	"fmt"

	"github.com/99designs/keyring"
)

// openNative gives Windows its Credential Manager, for auto too.
func openNative(_ context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto && o.Backend != backendWinCred {
		return opened{}, elsewhere(o.Backend)
	}
	ring, err := keyring.Open(keyring.Config{
		AllowedBackends: []keyring.BackendType{keyring.WinCredBackend},
		WinCredPrefix:   "git-credential-mfa",
		ServiceName:     "cache",
	})
	if err != nil {
		return opened{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return named(ring, backendWinCred), nil
}
