package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// own makes a prefix for the keys of one test: all processes of the user share
// the keyring, other tests' too.
func own(t *testing.T) string {
	t.Helper()
	if _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_USER_KEYRING, true); err != nil {
		keyringtest.Missing(t, "the kernel's keyring: "+err.Error())
	}
	prefix := fmt.Sprintf("git-credential-mfa test %s %d:", t.Name(), os.Getpid())
	t.Cleanup(func() {
		if store, err := inKernel(prefix); err == nil {
			_ = store.Clear()
		}
	})
	return prefix
}

func inKernel(prefix string) (*Store, error) {
	ring, err := openKeyctl(prefix)
	return newStore(ring, func() string { return backendKeyctl }, nil), err
}

func kernel(t *testing.T) *Store {
	t.Helper()
	store, err := inKernel(own(t))
	if err != nil {
		keyringtest.Missing(t, err.Error())
	}
	return store
}

func init() { keyrings["keyctl"] = contender{open: kernel, largest: 8 << 10} } // more is the kernel's quota for most users

// TestKeyctlLeavesOthersKeys: the user keyring is shared by all programs of the
// user.
func TestKeyctlLeavesOthersKeys(t *testing.T) {
	store := kernel(t)
	stranger := fmt.Sprint("a stranger's, for a test ", os.Getpid())
	if _, err := unix.AddKey("user", stranger, []byte("x"), unix.KEY_SPEC_USER_KEYRING); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.PutSession(aSession("A", 100)), store.Clear()); err != nil {
		t.Fatal(err)
	}
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "user", stranger, 0)
	if err != nil {
		t.Errorf("another program's key is gone: %v", err)
	}
	_, _ = unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
}

// TestKeyctlColdRace: those who find nothing must not each make a keyring, and
// throw away the others' sessions. Threads meet more closely than processes do.
func TestKeyctlColdRace(t *testing.T) {
	prefix := own(t)
	for round := range 100 {
		inRound := fmt.Sprint(prefix, round, ":")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				store, err := inKernel(inRound)
				if err == nil {
					err = store.PutDevice(anIdentity(fmt.Sprint(i)), "s")
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		store, err := inKernel(inRound)
		if err != nil {
			t.Fatal(err)
		}
		if keys, err := store.ring.Keys(); len(keys) != 8 || err != nil {
			t.Errorf("round %d: %d of 8 are left, %v", round, len(keys), err)
		}
		_ = store.Clear()
	}
}

func TestKeyctlInParallel(t *testing.T) {
	prefix := own(t)
	together(t, 20, func(i int) *exec.Cmd {
		return child(t, nil, "rewrite in kernel", fmt.Sprint("own", i), prefix)
	})
	store, err := inKernel(prefix)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := store.Session(anIdentity(fmt.Sprint("own", i))); err != nil {
			t.Errorf("session %d: %v", i, err)
		}
	}
}

// TestKeyctlFull: root's quota is another one than users', so the kernel's
// answer is only translated here.
func TestKeyctlFull(t *testing.T) {
	store := kernel(t)
	err := store.PutSession(aSession("A", 40_000)) // more than a key may hold
	if err == nil || errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "token/") {
		t.Errorf("%v", err)
	}
	if _, err := store.Session(anIdentity("A")); !errors.Is(err, ErrNotFound) {
		t.Errorf("half of it was stored: %v", err)
	}
}

func TestKeyctlRevoked(t *testing.T) {
	store := kernel(t)
	if err := store.PutSession(aSession("revoked", 9)); err != nil {
		t.Fatal(err)
	}
	name := store.ring.(keyctl).prefix + sessionKey(anIdentity("revoked"))
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, "user", name, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.KeyctlInt(unix.KEYCTL_REVOKE, id, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Session(anIdentity("revoked")); !errors.Is(err, ErrNotFound) {
		t.Errorf("Session: %v", err)
	}
	if err := store.RemoveSession(anIdentity("revoked")); err != nil {
		t.Errorf("RemoveSession: %v", err)
	}
}

// TestKeyctlDenied: a session keyring that is not linked to the user's may
// write there, but not read.
func TestKeyctlDenied(t *testing.T) {
	kernel(t)
	out, err := child(t, nil, "denied").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func init() {
	children["rewrite in kernel"] = func(args []string) error {
		store, err := inKernel(args[1])
		if err != nil {
			return err
		}
		return rewriteIn(store, args[0])
	}
	children["denied"] = func([]string) error {
		runtime.LockOSThread() // the kernel changes the keyring of a thread
		if _, err := unix.KeyctlJoinSessionKeyring("git-credential-mfa test"); err != nil {
			return err
		}
		if _, err := Open(context.Background(), Options{Backend: "keyctl"}); !errors.Is(err, ErrUnavailable) {
			return fmt.Errorf("chosen: %w", err)
		}
		store, err := Open(context.Background(), Options{})
		if err != nil {
			return err
		}
		if got := store.Backend(); got != "none" {
			return fmt.Errorf("auto took %s", got)
		}
		left, err := keyctl{prefix: keyctlPrefix + checkPrefix}.Keys()
		if err == nil && len(left) != 0 {
			err = fmt.Errorf("probes were left: %v", left)
		}
		return err
	}
}
