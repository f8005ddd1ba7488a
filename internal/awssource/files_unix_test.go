//go:build unix

package awssource

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// TestFilesThatWait: a named pipe that nobody writes to would be waited for
// without end, by every git.
func TestFilesThatWait(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		t.Run(name, func(t *testing.T) {
			for _, other := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
				t.Setenv(other, filepath.Join(t.TempDir(), "none"))
			}
			t.Setenv(name, pipe)
			done := make(chan error, 1)
			go func() {
				_, err := Read(context.Background(), "")
				done <- err
			}()
			select { // at once: the limit is longer than that
			case err := <-done:
				if !errors.Is(err, regularfile.ErrNotRegular) {
					t.Error(err)
				}
			case <-time.After(5 * time.Second):
				t.Error("it still waits")
			}
		})
	}
}
