package cache

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// sizes are around the limit, and far above it.
var sizes = []int{1, 500, 2559, 2560, 2561, 4096, 20000}

// partsOf is how many entries an item of that size takes beside its own.
func partsOf(size int) int {
	if size <= narrowLimit {
		return 0
	}
	return (size + narrowLimit - 1) / narrowLimit
}

func TestParts(t *testing.T) {
	ring, parts := inParts(nil)
	for _, size := range slices.Concat(sizes, []int{narrowLimit * maxParts, 1, 20000, 5}) {
		want := filled(string(rune('a'+size%26)), size)
		for range 2 {
			if err := parts.Set(want); err != nil {
				t.Fatal(size, err)
			}
			got, err := parts.Get("key")
			if err != nil || !bytes.Equal(got.Data, want.Data) || got.Key != "key" {
				t.Errorf("%d bytes: got %d, %v", size, len(got.Data), err)
			}
			if len(ring.items) != 1+partsOf(size) {
				t.Errorf("%d bytes: %v", size, ring.names())
			}
			if keys, err := parts.Keys(); !slices.Equal(keys, []string{"key"}) || err != nil {
				t.Errorf("%d bytes: keys %v, %v", size, keys, err)
			}
		}
	}
	if err := parts.Set(filled("x", narrowLimit*maxParts+1)); err == nil {
		t.Error("too much is taken")
	}
	if got, err := parts.Get("key"); string(got.Data) != string(filled(string(rune('a'+5)), 5).Data) || err != nil {
		t.Errorf("after too much: %q, %v", got.Data, err)
	}
	for _, want := range []error{nil, keyring.ErrKeyNotFound} {
		if err := parts.Remove("key"); !errors.Is(err, want) {
			t.Errorf("Remove: %v", err)
		}
		if _, err := parts.Get("key"); !errors.Is(err, keyring.ErrKeyNotFound) || len(ring.items) != 0 {
			t.Errorf("after Remove: %v, %v", err, ring.names())
		}
	}
}

func TestSessionInParts(t *testing.T) {
	ring, parts := inParts(nil)
	if err := newStore(parts, func() string { return "narrow" }, nil).PutSession(aSession("A", 20000)); err != nil {
		t.Fatal(err)
	}
	if keys := ring.names(); strings.ToLower(strings.Join(keys, "")) != strings.Join(keys, "") {
		t.Errorf("Windows compares names without regard to case: %v", keys)
	}
}

// TestPartsHeadAsItem: an item that looks like a head is not taken for one.
func TestPartsHeadAsItem(t *testing.T) {
	_, parts := inParts(nil)
	want := newHead(slotA, []byte("x"), 1).encode()
	if err := parts.Set(keyring.Item{Key: "key", Data: want}); err != nil {
		t.Fatal(err)
	}
	if got, err := parts.Get("key"); !bytes.Equal(got.Data, want) || err != nil {
		t.Errorf("%q, %v", got.Data, err)
	}
}

// TestPartsDamaged: what does not belong together is not found, with a trace, and Remove and Set still sweep it.
func TestPartsDamaged(t *testing.T) {
	for name, damage := range map[string]func(items map[string]keyring.Item){
		"a part is missing": func(items map[string]keyring.Item) { delete(items, "key.a1") },
		"a part is cut":     func(items map[string]keyring.Item) { items["key.a1"] = filled("a", 9) },
		"an older part":     func(items map[string]keyring.Item) { items["key.a1"] = filled("b", narrowLimit) },
		"the head is gone":  func(items map[string]keyring.Item) { delete(items, "key") },
		"another's head": func(items map[string]keyring.Item) {
			items["key"] = keyring.Item{Data: newHead(slotB, []byte("x"), 1).encode()}
		},
		"a head of another make": func(items map[string]keyring.Item) {
			items["key"] = keyring.Item{Data: []byte(headMark + "a 1 1 00")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, after := range []string{"remove", "set"} {
				var trace bytes.Buffer
				tell := func(format string, args ...any) { fmt.Fprintf(&trace, format, args...) }
				ring, parts := inParts(tell)
				store := newStore(parts, func() string { return "narrow" }, tell)
				if err := parts.Set(filled("a", 6000)); err != nil {
					t.Fatal(err)
				}
				damage(ring.items)
				data, err := store.get("key")
				if err == nil {
					_, err = decodeSession("key", data)
				}
				if err == nil || strings.Contains(err.Error(), "aaa") {
					t.Errorf("%d bytes, %v", len(data), err)
				}
				if keys, _ := parts.Keys(); !slices.Equal(keys, []string{"key"}) {
					t.Errorf("keys: %v", keys)
				}
				left := 0
				if after == "set" {
					err, left = parts.Set(filled("c", 5)), 1
				} else {
					err = store.remove("key")
				}
				if err != nil || len(ring.items) != left {
					t.Errorf("after %s: %v, %v", after, ring.names(), err)
				}
			}
		})
	}
}
