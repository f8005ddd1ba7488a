//go:build linux || darwin

package cache

import (
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// answerLimit bounds one operation with a daemon, the connection included: git
// waits for us, and one that was stopped never answers.
const answerLimit = 2 * time.Second

// kept returns the error for an item that this program may not delete, with the
// command that does.
func kept(service, account string) error {
	return KeptError{"security delete-generic-password -s " + shell.Quote(service) + " -a " + shell.Quote(account)}
}
