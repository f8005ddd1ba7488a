package cache

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// TestPartsReaderBesideWriters: a reader that has read the first part, while two others write the item, so that its slot
// is in use again.
func TestPartsReaderBesideWriters(t *testing.T) {
	for _, size := range []int{6000, 2600, 5} { // of what is written meanwhile
		ring, parts := inParts(nil)
		if err := parts.Set(filled("a", 6000)); err != nil {
			t.Fatal(err)
		}
		written := false
		ring.after = func(what, key string) {
			if what == "get" && key == "key.a0" && !written {
				written = true
				for _, letter := range []string{"b", "c"} {
					if err := parts.Set(filled(letter, size)); err != nil {
						t.Error(err)
					}
				}
			}
		}
		got, err := parts.Get("key")
		if err != nil || !bytes.Equal(got.Data, filled("c", size).Data) || !written {
			t.Errorf("%d bytes: %d bytes, torn: %v, %v", size, len(got.Data), err == nil, err)
		}
	}
}

// TestPartsReaderNeverFast: a reader that is always too slow gets the item under the lock, when nobody writes.
func TestPartsReaderNeverFast(t *testing.T) {
	ring, parts := inParts(nil)
	_ = parts.Set(filled("a", 6000))
	tries := 0
	ring.after = func(what, key string) {
		if what == "get" && strings.HasPrefix(key, "key.") {
			tries++
			if err := parts.Set(filled(string(rune('a'+tries)), 6000)); err != nil && !errors.Is(err, errBusy) {
				t.Error(err)
			}
		}
	}
	got, err := parts.Get("key")
	if err != nil || len(got.Data) != 6000 || tries < freeReads {
		t.Errorf("%d bytes after %d tries: %v", len(got.Data), tries, err)
	}
}

// TestPartsOneWriter: a second writer in the middle of the first one's work has to wait.
func TestPartsOneWriter(t *testing.T) {
	ring, parts := inParts(nil)
	var second []error
	interrupted := false
	ring.after = func(what, key string) {
		if what == "set" && strings.HasPrefix(key, "key.") && !interrupted {
			interrupted = true
			second = []error{parts.Set(filled("b", 6000)), parts.Remove("key")}
		}
	}
	if err := parts.Set(filled("a", 6000)); err != nil {
		t.Fatal(err)
	}
	if len(second) != 2 || !errors.Is(second[0], errBusy) || !errors.Is(second[1], errBusy) {
		t.Errorf("the second one: %v", second)
	}
	got, err := parts.Get("key")
	if err != nil || !bytes.Equal(got.Data, filled("a", 6000).Data) {
		t.Errorf("%d bytes, %v", len(got.Data), err)
	}
}

// TestPartsCrash ends a writer before each of its steps, as a kill does: what is read then is the old item or the new
// one, whole, and nothing of either is left once it is removed or written again.
func TestPartsCrash(t *testing.T) {
	for _, old := range []int{0, 5, 6000, 20000} {
		for _, next := range []int{5, 2600, 6000, 20000} {
			for step := 0; ; step++ {
				if !crashAt(t, old, next, step) {
					break
				}
			}
		}
	}
}

// crashAt reports whether the writer got as far as that step.
func crashAt(t *testing.T, old, next, step int) bool {
	t.Helper()
	ring, parts := inParts(nil)
	if old > 0 {
		_ = parts.Set(filled("a", old))
	}
	steps, dead := 0, errors.New("killed")
	ring.before = func(what, _ string) error {
		if what == "get" {
			return nil
		}
		if steps++; steps > step {
			return dead
		}
		return nil
	}
	err := parts.Set(filled("b", next))
	ring.before = nil
	got, readErr := parts.Get("key")
	isOld := readErr == nil && bytes.Equal(got.Data, filled("a", old).Data) || old == 0 && errors.Is(readErr, keyring.ErrKeyNotFound)
	isNew := readErr == nil && bytes.Equal(got.Data, filled("b", next).Data)
	if err != nil && !isOld || err == nil && !isNew {
		t.Errorf("%d bytes over %d, dead at step %d (%v): got %d bytes, %v", next, old, step, err, len(got.Data), readErr)
	}
	if keys, _ := parts.Keys(); len(ring.items) > 0 && !slices.Equal(keys, []string{"key"}) {
		t.Errorf("dead at step %d: %v are hidden from logout --all", step, ring.names())
	}
	again := maps.Clone(ring.items)
	if err := parts.Remove("key"); err != nil && !errors.Is(err, keyring.ErrKeyNotFound) || len(ring.items) != 0 {
		t.Errorf("dead at step %d, then Remove: %v, %v", step, ring.names(), err)
	}
	ring.items = again
	if err := parts.Set(filled("c", 2600)); err != nil || len(ring.items) != 1+partsOf(2600) {
		t.Errorf("dead at step %d, then Set: %v, %v", step, ring.names(), err)
	}
	return steps > step
}

// TestPartsFailed: what can't be read is not taken for absent, and is not written over.
func TestPartsFailed(t *testing.T) {
	denied := errors.New("denied")
	for _, failing := range []string{"key", "key.a0"} {
		ring, parts := inParts(nil)
		_ = parts.Set(filled("a", 6000))
		ring.before = func(what, key string) error {
			if what == "get" && key == failing {
				return denied
			}
			return nil
		}
		if _, err := parts.Get("key"); !errors.Is(err, denied) {
			t.Errorf("Get: %v", err)
		}
		if err := parts.Set(filled("b", 6000)); failing == "key" && !errors.Is(err, denied) {
			t.Errorf("Set: %v", err)
		}
		ring.before = func(what, key string) error {
			if what == "remove" {
				return denied
			}
			return nil
		}
		if err := parts.Remove("key"); !errors.Is(err, denied) {
			t.Errorf("Remove: %v", err)
		}
	}
}
