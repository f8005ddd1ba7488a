package cli

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// logout --all names every item that it can't delete.
func TestKeptCommands(t *testing.T) {
	err := fmt.Errorf("clearing the keyring: %w", errors.Join(nil, fmt.Errorf("%w: %w", cache.KeptError{Command: "one"}, errors.New("refused")),
		errors.New("else"), cache.KeptError{Command: "two"}))
	if got := keptCommands(err); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
}
