package cache

import "context"

// openNative gives Linux the Secret Service or the kernel's keyring. KWallet is reached through the Secret Service only:
// the library's own client hangs in a first-use wizard. auto takes neither file nor pass, which need a passphrase or gpg.
func openNative(ctx context.Context, o Options) (opened, error) {
	switch o.Backend {
	case backendKeyctl:
		ring, err := openKeyctl(keyctlPrefix)
		return named(ring, backendKeyctl), err
	case backendSecretService:
		ring, err := openSecretService(ctx, o.Trace)
		return named(ring, backendSecretService), err
	case backendAuto:
		ring := openAuto(ctx, o.Trace)
		return opened{ring, ring.name, ring.missed}, nil
	}
	return opened{}, elsewhere(o.Backend)
}
