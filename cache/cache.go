// Package cache keeps sessions in the operating system's keyring, and holds the lock between processes that keeps them
// from asking for the same MFA code at once. Not found, unavailable, locked and failed are different outcomes here:
// only the first one means that a session may be asked for without further ado.
package cache

import (
	"errors"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

var (
	// ErrNoFolder says that there is no folder for locks that is ours alone; the error that wraps it says why.
	ErrNoFolder = errors.New("no private folder for locks")

	// ErrNoHome says that nothing names the user's own folder, where the file keyring is.
	ErrNoHome = errors.New("no folder for the file keyring")

	// ErrNotFound says that the keyring holds no such item, or one that is not ours to read (another version's, a foreign
	// program's, or one whose fields are not those that its name stands for). The trace says which.
	ErrNotFound = errors.New("not in the keyring")

	// ErrUnavailable says that there is no such keyring here; the error that wraps it says what is missing.
	ErrUnavailable = errors.New("no such keyring here")

	// ErrNoSessionBus says that there is no session bus of this user's, as in a job of cron's. It comes with ErrUnavailable.
	ErrNoSessionBus = errors.New("no session bus")

	// ErrLocked says that the keyring is there, but locked, or that it refuses us.
	ErrLocked = errors.New("the keyring is locked")

	// ErrDenied says that the keyring is open, and keeps the item from this program: another build of it wrote the item
	// (macOS). It can be replaced and removed.
	ErrDenied = errors.New("the keyring keeps the item for another build of this program")

	// ErrTimeout says that the keyring is there, but did not answer in time.
	ErrTimeout = errors.New("the keyring does not answer")

	// ErrNoPassphrase says that the file keyring was chosen without a passphrase.
	ErrNoPassphrase = errors.New("the file keyring needs GIT_CREDENTIAL_MFA_PASSPHRASE")

	// ErrPassphrase says that an item of the file keyring was written with another passphrase. It is left as it is.
	ErrPassphrase = errors.New("wrong passphrase for the file keyring")
)

// KeptError is for an item of macOS's keychain that another program wrote and
// that this one may not delete.
type KeptError struct {
	// Command deletes it, after a question of macOS's.
	Command string
}

func (KeptError) Error() string { return "the keychain keeps an item of another program" }

// errUnreadable is a keyring's word for an item that is there, but damaged: for a cache the same as absent, with a trace.
var errUnreadable = errors.New("unreadable item")

// absent joins the two ways in which a keyring says that it has nothing to give.
func absent(err error) bool {
	return errors.Is(err, keyring.ErrKeyNotFound) || errors.Is(err, errUnreadable)
}
