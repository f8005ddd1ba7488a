//go:build unix

package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// atHome points the cache folder into dir, on macOS too, where it lies elsewhere in the home.
func atHome(t *testing.T, home string) {
	t.Helper()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
}

func TestLockDir(t *testing.T) {
	home := t.TempDir()
	atHome(t, home)
	for range 2 {
		dir, err := LockDir()
		if err != nil || !strings.HasPrefix(dir, home) || filepath.Base(dir) != "git-credential-mfa" {
			t.Fatalf("%s, %v", dir, err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode() != fs.ModeDir|0o700 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		_ = os.Chmod(dir, 0o755) // readable is mended the second time
	}
}

func TestLockDirRefusesSharedFolders(t *testing.T) {
	atHome(t, t.TempDir())
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // no way out: someone meddles
	dir, err := LockDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o777, 0o770, 0o702, 0o777 | os.ModeSticky} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if got, err := LockDir(); !errors.Is(err, errShared) {
			t.Errorf("mode %v: %s, %v", mode, got, err)
		}
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), dir); err != nil {
		t.Fatal(err)
	}
	if got, err := LockDir(); !errors.Is(err, errShared) {
		t.Errorf("symlink: %s, %v", got, err)
	}
}

func TestPrivateDirIsOurs(t *testing.T) {
	dir := "/" // root's, unless we are root
	if os.Geteuid() == 0 {
		dir = t.TempDir()
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	if err := privateDir(dir); !errors.Is(err, errShared) {
		t.Errorf("%v", err)
	}
}

func TestLockDirWithoutHome(t *testing.T) {
	for _, home := range []string{"", "/dev/null/home"} {
		atHome(t, home)
		if got, err := LockDir(); err == nil {
			t.Errorf("home %q: took %s", home, got)
		}
		t.Setenv("XDG_RUNTIME_DIR", "relative")
		if got, err := LockDir(); err == nil {
			t.Errorf("home %q: took %s", home, got)
		}
		runtimeDir := t.TempDir()
		t.Setenv("XDG_RUNTIME_DIR", runtimeDir)
		if got, err := LockDir(); got != filepath.Join(runtimeDir, "git-credential-mfa") || err != nil {
			t.Errorf("home %q: %s, %v", home, got, err)
		}
	}
}
