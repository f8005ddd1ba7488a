//go:build unix

package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// atHome points the cache folder into dir, on macOS too, where it lies
// elsewhere in the home.
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
		_ = os.Chmod(dir, 0o755) // readable is fixed the second time
	}
}

func TestLockDirRefusesSharedFolders(t *testing.T) {
	atHome(t, t.TempDir())
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
	runtime := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	if got, err := LockDir(); filepath.Dir(got) != runtime || err != nil {
		t.Errorf("the next place: %s, %v", got, err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
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
	t.Chdir(t.TempDir())
	for _, home := range []string{"", "/dev/null/home", "relative"} {
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

// TestFileRelativeHome: a keyring that lies elsewhere for each folder that git
// runs in is none.
func TestFileRelativeHome(t *testing.T) {
	t.Chdir(t.TempDir())
	atHome(t, "relative")
	t.Setenv("XDG_CONFIG_HOME", "")
	if _, err := Open(context.Background(), Options{Backend: "file", Passphrase: []byte("p")}); !errors.Is(err, ErrNoHome) {
		t.Error(err)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("made %v, %v", left, err)
	}
}

// TestHomeOfAnother: root with the home of a user, after sudo -E or su, makes
// nothing there, which would lock the user out.
func TestHomeOfAnother(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	for _, prepared := range []string{"", ".cache", ".cache/git-credential-mfa", ".config"} {
		t.Run("with "+prepared, func(t *testing.T) {
			home := t.TempDir()
			atHome(t, home)
			t.Setenv("XDG_CONFIG_HOME", "")
			err := os.MkdirAll(filepath.Join(home, prepared), 0o700) // root's, from an older version
			if err = errors.Join(err, os.Chown(home, 65534, 65534)); err != nil {
				t.Fatal(err)
			}
			before := tree(t, home)
			_, lockErr := LockDir()
			_, fileErr := Open(t.Context(), Options{Backend: "file", Passphrase: []byte("x")})
			for _, err := range []error{lockErr, fileErr} {
				var foreign ForeignFolder
				if !errors.As(err, &foreign) || foreign.Path != home || !foreign.Home {
					t.Errorf("%v", err)
				}
			}
			runtime := t.TempDir()
			t.Setenv("XDG_RUNTIME_DIR", runtime)
			if got, err := LockDir(); filepath.Dir(got) != runtime || err != nil {
				t.Errorf("the next place: %s, %v", got, err)
			}
			if after := tree(t, home); after != before {
				t.Errorf("made\n%s\nwhere there was\n%s", after, before)
			}
		})
	}
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var names strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		names.WriteString(path + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names.String()
}

// TestFolderOfRootsAtHome: what root has left there is named, so that it can be
// given back.
func TestFolderOfRootsAtHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
	for _, left := range []string{".cache", ".cache/git-credential-mfa"} {
		home := t.TempDir()
		for _, dir := range []string{filepath.Dir(home), home} {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		err := errors.Join(os.MkdirAll(filepath.Join(home, left), 0o700), os.Chown(home, 65534, 65534))
		if left != ".cache" {
			err = errors.Join(err, os.Chown(filepath.Join(home, ".cache"), 65534, 65534))
		}
		if err != nil {
			t.Fatal(err)
		}
		cmd := child(t, []string{"HOME=" + home}, "lockdir")
		cmd.Path = "/proc/self/exe"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != filepath.Join(home, left) {
			t.Errorf("%v: %s", err, out)
		}
	}
}

// lockDirChild prints the folder that is in the way.
func lockDirChild([]string) error {
	_, err := LockDir()
	var foreign ForeignFolder
	if !errors.As(err, &foreign) || foreign.Home {
		return fmt.Errorf("not a folder of another user: %w", err)
	}
	fmt.Print(foreign.Path)
	return nil
}

func init() { children["lockdir"] = lockDirChild }

func init() {
	children["write"] = func(args []string) error {
		ring := fileRing{dir: args[0], passphrase: []byte("p"), cost: cost{8, 1, 1}}
		store := newStore(&ring, nil, nil)
		for size := 100; ; size = size*7%60_000 + 100 {
			if err := store.PutSession(aSession("A", size)); err != nil {
				return err
			}
		}
	}
}

// TestFileKilledWhileWriting: whenever the writer dies, there is the old
// session or the new one.
func TestFileKilledWhileWriting(t *testing.T) {
	dir := t.TempDir()
	store := files(t, dir, "p", nil)
	if err := store.PutSession(aSession("A", 9)); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		cmd := child(t, nil, "write", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(10+i*2) * time.Millisecond)
		_ = cmd.Process.Kill()
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Fatalf("the writer ended by itself: %v", err)
		}
		got, err := store.Session(anIdentity("A"))
		if err != nil || got != aSession("A", len(got.SessionToken)) {
			t.Fatalf("after %d kills: %v", i, err)
		}
	}
}

// TestFileTornReads: readers beside a writer see whole sessions.
func TestFileTornReads(t *testing.T) {
	dir := t.TempDir()
	ring := fileRing{dir: dir, passphrase: []byte("p"), cost: cost{8, 1, 1}}
	store := newStore(&ring, nil, nil)
	if err := store.PutSession(aSession("A", 9)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	cmd := child(t, nil, "write", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reads := 0
	for ctx.Err() == nil {
		got, err := store.Session(anIdentity("A"))
		if err != nil || got != aSession("A", len(got.SessionToken)) {
			t.Errorf("read %d: %v", reads, err)
			break
		}
		reads++
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if reads < 100 {
		t.Errorf("only %d reads", reads)
	}
}

// TestFileSweepsTemporaryFiles: what the dead have left is removed at the next
// write and the next logout, what the living are writing is not.
func TestFileSweepsTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	store := files(t, dir, "p", nil)
	for name, do := range map[string]func() error{
		"write":  func() error { return store.PutSession(aSession("A", 9)) },
		"logout": func() error { return store.RemoveSession(anIdentity("A")) },
	} {
		living, err := newTemp(dir, "living")
		if err != nil {
			t.Fatal(err)
		}
		dead, err := newTemp(dir, "dead")
		if err != nil {
			t.Fatal(err)
		}
		_ = dead.Close() // the kernel does that too, when a process dies
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dead.Name()); err == nil {
			t.Errorf("%s: a dead process's file was left", name)
		}
		if _, err := os.Stat(living.Name()); err != nil {
			t.Errorf("%s: a file that is being written was removed", name)
		}
		_ = living.Close()
	}
}

// TestFileUnclaimed: a temporary file that a sweep took at once is not written to.
func TestFileUnclaimed(t *testing.T) {
	dir := t.TempDir()
	temp, err := os.CreateTemp(dir, tempPrefix)
	if err != nil {
		t.Fatal(err)
	}
	defer temp.Close()
	sweep(dir)
	if claim(temp) {
		t.Error("a file without a name was claimed")
	}
}
