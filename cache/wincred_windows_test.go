package cache

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	library "github.com/99designs/keyring"
	"golang.org/x/sys/windows"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// sharedRing is Credential Manager in parts, which all processes of a user
// share, and Credential Manager itself.
func sharedRing(string) (ring, below keyring.Keyring, err error) {
	ring, err = openWinCred(context.Background(), Options{Trace: func(string, ...any) {}})
	if err != nil {
		return nil, nil, err
	}
	return ring, ring.(*parted).ring, nil
}

// sharedEnv keeps the lock where all children find it: where this process has it.
func sharedEnv(string) []string { return []string{"LocalAppData=" + os.Getenv("LocalAppData")} }

// TestWinCred fills the tester's own Credential Manager, and empties it again
// of what it wrote.
func TestWinCred(t *testing.T) {
	ring, below, err := sharedRing("")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		want := filled("x", size)
		want.Key = sharedKey
		for range 2 {
			if err := ring.Set(want); err != nil {
				t.Fatalf("%d bytes: %v", size, err)
			}
		}
		got, err := ring.Get(sharedKey)
		if err != nil || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%d bytes: %d bytes, %v", size, len(got.Data), err)
		}
		if upper, err := ring.Get(strings.ToUpper(sharedKey)); err == nil && !bytes.Equal(upper.Data, want.Data) {
			t.Errorf("%d bytes, in upper case: %d bytes, %v", size, len(upper.Data), err)
		}
		wantEntries(t, below, 1+partsOf(size))
		if keys, err := ring.Keys(); !slices.Contains(keys, sharedKey) || err != nil {
			t.Errorf("%v, %v", keys, err)
		}
	}
	for _, want := range []error{nil, keyring.ErrKeyNotFound} {
		if err := ring.Remove(sharedKey); !errors.Is(err, want) {
			t.Error(err)
		}
	}
	wantEntries(t, below, 0)
}

func init() { keyrings["wincred"] = contender{open: winCredStore, largest: 20000} }

func winCredStore(t *testing.T) *Store {
	t.Helper()
	store := open(t, "wincred")
	if sessions, err := store.Sessions(); len(sessions) != 0 || err != nil {
		t.Skip("this user has sessions of their own")
	}
	return store
}

func TestWinCredStore(t *testing.T) {
	for _, backend := range []string{"", "auto", "wincred"} {
		store, err := Open(context.Background(), Options{Backend: backend})
		if err != nil {
			t.Fatal(err)
		}
		if sessions, err := store.Sessions(); len(sessions) != 0 || err != nil {
			t.Skip("this user has sessions of their own")
		}
		if err := store.PutSession(aSession("A", 20000)); err != nil {
			t.Fatal(err)
		}
		if err := store.Clear(); err != nil || store.Backend() != "wincred" {
			t.Errorf("%s: %v", store.Backend(), err)
		}
	}
}

func TestWinCredError(t *testing.T) {
	if err := winCredError(windows.ERROR_NO_SUCH_LOGON_SESSION); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "SSH") {
		t.Error(err)
	}
	if err := winCredError(nil); err != nil {
		t.Error(err)
	}
}

// stuck is a Credential Manager that never answers.
type stuck struct{ library.Keyring }

func (stuck) Get(string) (library.Item, error) { select {} }

func (stuck) Set(library.Item) error { select {} }

func TestWinCredLimit(t *testing.T) {
	w := winCred{t.Context(), 20 * time.Millisecond, stuck{}}
	if _, err := w.Get("a"); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	if err := w.Set(keyring.Item{Key: "a"}); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}
