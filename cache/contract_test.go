package cache

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// contender is a keyring that has to keep the contract.
type contender struct {
	open func(t *testing.T) *Store
	// largest is the size of the largest token that is tried.
	largest int
	// forgets is true for a keyring that keeps nothing.
	forgets bool
}

// keyrings are all keyrings of this system, and the fakes that tests use in
// their place: what one promises, all promise. Files with tests of one keyring
// add theirs.
var keyrings = map[string]contender{
	"none": {open: func(t *testing.T) *Store { return open(t, backendNone) }, largest: 4096, forgets: true},
	"file": {open: func(t *testing.T) *Store {
		return files(t, filepath.Join(t.TempDir(), "a", "keyring"), "open sesame", nil)
	}, largest: 64 << 10},
	"fake": {open: func(t *testing.T) *Store {
		store, _, trace := remembering()
		t.Cleanup(func() {
			if trace.Len() != 0 {
				t.Errorf("traced %s", trace)
			}
		})
		return store
	}, largest: 64 << 10},
	"fake, in parts": {open: func(t *testing.T) *Store {
		_, parts := inParts(t.Logf)
		return newStore(parts, func() string { return "narrow" }, t.Logf)
	}, largest: 20000},
}

// TestContract: whichever keyring it is, callers see no difference.
func TestContract(t *testing.T) {
	for name, k := range keyrings {
		t.Run(name, func(t *testing.T) {
			store := k.open(t)
			contractOfRing(t, store.ring, k.forgets)
			for _, size := range []int{100, 4096, k.largest} {
				contractOfSession(t, store, size, k.forgets)
			}
			if err := store.Check(); err != nil {
				t.Errorf("Check: %v", err)
			}
			before, _ := store.ring.Keys()
			err := store.CheckSpace(anIdentity("space"))
			if after, _ := store.ring.Keys(); err != nil || !slices.Equal(before, after) {
				t.Errorf("CheckSpace: %v, %q became %q", err, before, after)
			}
			if !k.forgets {
				contractOfMany(t, store)
			}
			for range 2 {
				if err := store.Clear(); err != nil {
					t.Errorf("Clear: %v", err)
				}
			}
			if keys, err := store.ring.Keys(); len(keys) != 0 || err != nil {
				t.Errorf("after Clear: %v, %v", keys, err)
			}
			if store.Keeps() == nil {
				exerciseLongTermKey(t, store)
			}
		})
	}
}

// contractOfRing is what the store counts on.
func contractOfRing(t *testing.T, ring keyring.Keyring, forgets bool) {
	t.Helper()
	const key = checkPrefix + "contract"
	if _, err := ring.Get(key); !errors.Is(err, keyring.ErrKeyNotFound) {
		t.Errorf("an item that is not there: %v", err)
	}
	if err := ring.Remove(key); !errors.Is(err, keyring.ErrKeyNotFound) {
		t.Errorf("removing what is not there: %v", err)
	}
	for _, text := range []string{"the first, which is longer", "second"} {
		if err := ring.Set(keyring.Item{Key: key, Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
		if item, err := ring.Get(key); !forgets && (err != nil || string(item.Data) != text) {
			t.Errorf("got %q, %v", item.Data, err)
		}
	}
	if keys, err := ring.Keys(); !forgets && (len(keys) != 1 || keys[0] != key) || err != nil {
		t.Errorf("keys: %v, %v", keys, err)
	}
	if err := ring.Remove(key); err != nil && !forgets {
		t.Error(err)
	}
	if _, err := ring.Get(key); !errors.Is(err, keyring.ErrKeyNotFound) {
		t.Errorf("after Remove: %v", err)
	}
}

func contractOfSession(t *testing.T, s *Store, size int, forgets bool) {
	t.Helper()
	want := aSession("A", size)
	if err := s.RemoveSession(want.Identity); err != nil {
		t.Fatalf("removing what may be absent: %v", err)
	}
	if _, err := s.Session(want.Identity); !errors.Is(err, ErrNotFound) {
		t.Fatalf("before: %v", err)
	}
	for range 2 {
		if err := s.PutSession(want); err != nil {
			t.Fatalf("PutSession of %d bytes: %v", size, err)
		}
	}
	got, err := s.Session(want.Identity)
	switch {
	case forgets && !errors.Is(err, ErrNotFound):
		t.Errorf("a keyring that keeps nothing: %v", err)
	case !forgets && (err != nil || got != want):
		t.Fatalf("Session of %d bytes: %v, same: %v", size, err, got == want)
	}
}

// contractOfMany is about items beside each other. The session of A is there.
func contractOfMany(t *testing.T, s *Store) {
	t.Helper()
	if err := s.PutDevice(anIdentity("A"), "serial-1"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Device(Identity{Partition: "aws", Source: "A"}); got != "serial-1" || err != nil {
		t.Errorf("Device = %q, %v", got, err)
	}
	if _, err := s.Device(anIdentity("B")); !errors.Is(err, ErrNotFound) {
		t.Errorf("Device of another source: %v", err)
	}
	if err := s.PutSession(aSession("B", 10)); err != nil {
		t.Fatal(err)
	}
	if sessions, err := s.Sessions(); len(sessions) != 2 || err != nil {
		t.Errorf("Sessions: %d, %v", len(sessions), err)
	}
	if err := s.RemoveSession(anIdentity("B")); err != nil {
		t.Errorf("RemoveSession: %v", err)
	}
	if sessions, err := s.Sessions(); len(sessions) != 1 || err != nil {
		t.Errorf("Sessions: %d, %v", len(sessions), err)
	}
}
