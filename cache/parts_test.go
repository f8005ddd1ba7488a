package cache

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// narrow is a keyring as Windows has it: it takes no more than that many bytes,
// and names are the same in any case. It does as its hooks say before and after
// a write or a read.
type narrow struct {
	memory
	before func(what, key string) error
	after  func(what, key string)
}

const narrowLimit = 2560

var errTooLarge = errors.New("the stub received bad data")

func (n *narrow) do(what, key string, do func() error) error {
	if n.before != nil {
		if err := n.before(what, key); err != nil {
			return err
		}
	}
	err := do()
	if n.after != nil {
		n.after(what, key)
	}
	return err
}

func (n *narrow) Get(key string) (item keyring.Item, err error) {
	err = n.do("get", key, func() error {
		item, err = n.memory.Get(strings.ToLower(key))
		return err
	})
	return item, err
}

func (n *narrow) Set(item keyring.Item) error {
	return n.do("set", item.Key, func() error {
		if len(item.Data) > narrowLimit {
			return errTooLarge
		}
		item.Key, item.Data = strings.ToLower(item.Key), bytes.Clone(item.Data)
		return n.memory.Set(item)
	})
}

func (n *narrow) Remove(key string) error {
	return n.do("remove", key, func() error { return n.memory.Remove(strings.ToLower(key)) })
}

// names are those of the ring's items, in order.
func (n *narrow) names() []string { return slices.Sorted(maps.Keys(n.items)) }

// inParts returns a narrow ring and the decorator on it. Its lock is not waited
// for: who should wait gets errBusy.
func inParts(trace func(string, ...any)) (*narrow, *parted) {
	held := false
	ring := &narrow{memory: memory{items: map[string]keyring.Item{}}}
	lock := func() (func(), error) {
		if held {
			return nil, errBusy
		}
		held = true
		return func() { held = false }, nil
	}
	if trace == nil {
		trace = func(string, ...any) {}
	}
	return ring, &parted{ring: ring, max: narrowLimit, lock: lock, trace: trace}
}

var errBusy = errors.New("another one writes")

// filled is an item of that many bytes, all of one letter.
func filled(letter string, size int) keyring.Item {
	return keyring.Item{Key: "key", Data: []byte(strings.Repeat(letter, size))}
}

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

// TestPartsDamaged: what does not belong together is not found, with a trace,
// and Remove and Set still sweep it.
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

// TestPartsReaderBesideWriters: a reader that has read the first part, while
// two others write the item, so that its slot is in use again.
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

// TestPartsReaderNeverFast: a reader that is always too slow gets the item
// under the lock, when nobody writes.
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

// TestPartsOneWriter: a second writer in the middle of the first one's work has
// to wait.
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

// TestPartsCrash ends a writer before each of its steps, as a kill does: what
// is read then is the old item or the new one, whole, and nothing of either is
// left once it is removed or written again.
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

// TestPartsFailed: what can't be read is not taken for absent, and is not
// written over.
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

// TestPartsTimeout: a keyring that stops answering is not asked again and again.
func TestPartsTimeout(t *testing.T) {
	ring, parts := inParts(nil)
	_ = parts.Set(filled("a", 6000))
	calls := 0
	for _, hangs := range []string{"get", "set", "remove"} {
		ring.before = func(what, key string) error {
			if what != hangs {
				return nil
			}
			calls++
			return ErrTimeout
		}
		calls = 0
		_, get := parts.Get("key")
		set := parts.Set(filled("b", 6000))
		remove := parts.Remove("key")
		if calls > 4 {
			t.Errorf("%s: %d calls: %v, %v, %v", hangs, calls, get, set, remove)
		}
		for name, err := range map[string]error{"get": get, "set": set, "remove": remove} {
			if name == hangs && !errors.Is(err, ErrTimeout) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
