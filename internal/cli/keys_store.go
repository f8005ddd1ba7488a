package cli

import (
	"context"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// keepingKeyrings are the keyrings of the systems that keep an access key.
var keepingKeyrings = map[string]string{"linux": "secret-service", "darwin": "keychain", "windows": "wincred"}

// longTermKey reads an access key from the keyring in use, or, if that one
// keeps none (--keyring keyctl, for a session that cron is to have), from the
// system's own.
func (p *program) longTermKey(c *cli.Context, store *cache.Store) func(string) (cache.LongTermKey, error) {
	return func(accessKeyID string) (cache.LongTermKey, error) {
		if backend := keepingKeyrings[runtime.GOOS]; store.Keeps() != nil && backend != "" {
			keeping, err := cache.Open(context.WithoutCancel(c.Context), cache.Options{Backend: backend, Trace: p.trace})
			if err != nil {
				return cache.LongTermKey{}, err
			}
			return keeping.LongTermKey(accessKeyID)
		}
		return store.LongTermKey(accessKeyID)
	}
}
