package cache

import "context"

// openNative gives Windows its Credential Manager, for auto too.
func openNative(ctx context.Context, o Options) (opened, error) {
	if o.Backend != backendAuto && o.Backend != backendWinCred {
		return opened{}, elsewhere(o.Backend)
	}
	ring, err := openWinCred(ctx, o)
	return named(ring, backendWinCred), err
}
