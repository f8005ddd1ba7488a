//go:build !linux && !windows && !darwin

package cache

import "context"

// openNative opens no keyring: there is no release for such a system.
func openNative(_ context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto {
		return opened{}, foreignKeyring(o.Backend)
	}
	return named(noRing{}, backendNone), nil
}
