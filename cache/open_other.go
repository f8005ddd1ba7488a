//go:build !linux && !windows && !darwin

package cache

import "context"

// openNative has nothing to give on systems that no release is built for.
func openNative(_ context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto {
		return opened{}, foreignKeyring(o.Backend)
	}
	return named(noRing{}, backendNone), nil
}
