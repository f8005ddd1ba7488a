package cache

import (
	"context"
	"fmt"
)

// openNative has no Keychain to give yet: 99designs/keyring has none without cgo, and its other backends, which it would
// silently take instead, are not for auto.
func openNative(_ context.Context, o Options) (opened, error) {
	switch o.Backend {
	case backendAuto:
		o.Trace("keyring: none: this build has no keychain")
		return named(noRing{}, backendNone), nil
	case backendKeychain:
		return opened{}, fmt.Errorf("%w: this build has no keychain", ErrUnavailable)
	}
	return opened{}, elsewhere(o.Backend)
}
