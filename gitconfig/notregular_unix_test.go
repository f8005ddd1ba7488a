//go:build unix

package gitconfig

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// TestPipeForGitconfig: git waits for ever for a named pipe that nobody writes
// to; whoever asks git says which file it is.
func TestPipeForGitconfig(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	pipe := filepath.Join(home, ".gitconfig")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	g := Git{Dir: home, Env: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}}
	done := make(chan error, 2)
	go func() {
		if file, err := g.File(context.Background(), Global); file != pipe || err != nil {
			t.Errorf("%s, %v", file, err)
		}
		_, err := g.Install(context.Background(), pipe, mfaSection)
		done <- err
		_, err = g.Version(context.Background())
		done <- err
	}()
	for range 2 {
		select {
		case err := <-done:
			if !errors.Is(err, regularfile.ErrNotRegular) || !strings.Contains(err.Error(), pipe) {
				t.Error(err)
			}
		case <-time.After(4 * limit):
			t.Fatal("it still waits")
		}
	}
}

// TestNullDeviceIsNotReplaced: git reads GIT_CONFIG_GLOBAL=/dev/null as an
// empty file; configure as root would put a file in its place.
func TestNullDeviceIsNotReplaced(t *testing.T) {
	if _, mode, err := read(os.DevNull); !errors.Is(err, regularfile.ErrNotRegular) || mode != fs.FileMode(0) {
		t.Errorf("%v, %v", mode, err)
	}
}
