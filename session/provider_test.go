package session

import (
	"fmt"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// A keyring that is locked or does not answer is not an empty one; what another
// build has kept is in nobody's way.
func TestFailed(t *testing.T) {
	for err, want := range map[error]bool{
		nil: false, errExpired: false, cache.ErrNotFound: false, cache.ErrDenied: false,
		cache.ErrLocked: true, cache.ErrTimeout: true, cache.ErrUnavailable: true, cache.ErrPassphrase: true,
	} {
		if err != nil {
			err = fmt.Errorf("reading: %w", err)
		}
		if failed(err) != want {
			t.Errorf("%v: %v", err, !want)
		}
	}
}
