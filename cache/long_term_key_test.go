package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

func aLongTermKey(id string) LongTermKey {
	return LongTermKey{AccessKeyID: id, SecretAccessKey: "the-secret", Profile: "work", Created: time.Unix(1_700_000_000, 0).UTC(),
		Origin: strings.Repeat("o", 3000) + "the-secret", Replaces: "AKIAOLD", Rotating: time.Unix(1_700_000_001, 0).UTC()}
}

// exerciseLongTermKey is what every keyring that keeps has to do.
func exerciseLongTermKey(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.LongTermKey("AKIAONE"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a key that is not there: %v", err)
	}
	for _, id := range []string{"AKIATWO", "AKIAONE"} {
		if err := s.PutLongTermKey(aLongTermKey(id)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.LongTermKey("AKIAONE"); err != nil || got != aLongTermKey("AKIAONE") {
		t.Errorf("%v, %v", got, err)
	}
	if err := s.PutSession(aSession("AKIAONE", 60)); err != nil {
		t.Fatal(err)
	}
	if err := s.Clear(); err != nil { // logout --all
		t.Fatal(err)
	}
	if keys, err := s.LongTermKeys(); err != nil || len(keys) != 2 || keys[0].AccessKeyID != "AKIAONE" {
		t.Errorf("after logout --all: %v, %v", keys, err)
	}
	for range 2 {
		if err := errors.Join(s.RemoveLongTermKey("AKIAONE"), s.RemoveLongTermKey("AKIATWO")); err != nil {
			t.Error(err)
		}
	}
	if keys, err := s.ring.Keys(); err != nil || len(keys) != 0 {
		t.Errorf("left: %v, %v", keys, err)
	}
}

func TestLongTermKeyNeedsAKeyringThatKeeps(t *testing.T) {
	for _, backend := range []string{backendNone, backendKeyctl} {
		ring := &memory{items: map[string]keyring.Item{}}
		err := newStore(ring, func() string { return backend }, nil).PutLongTermKey(aLongTermKey("AKIAONE"))
		if !errors.Is(err, ErrForgets) || len(ring.items) != 0 {
			t.Errorf("%s: %v, and holds %d items", backend, err, len(ring.items))
		}
	}
	ring := noRing{}
	if err := newStore(ring, func() string { return "other" }, nil).PutLongTermKey(aLongTermKey("AKIAONE")); err == nil {
		t.Error("a key that was not kept is taken for kept")
	}
}

// lossy keeps something else than it is given.
type lossy struct{ *memory }

func (l lossy) Set(item keyring.Item) error {
	item.Data = append(item.Data, ' ')
	return l.memory.Set(item)
}

func TestLongTermKeyIsReadBack(t *testing.T) {
	ring := lossy{&memory{items: map[string]keyring.Item{}}}
	if err := newStore(ring, func() string { return "lossy" }, nil).PutLongTermKey(aLongTermKey("AKIAONE")); err == nil {
		t.Error("no error")
	}
}

func TestUnreadableLongTermKeys(t *testing.T) {
	data, _ := encodeLongTermKey(aLongTermKey("AKIAONE"))
	other, _ := encodeLongTermKey(aLongTermKey("AKIATWO"))
	name := longTermName("AKIAONE")
	for _, text := range []string{"", "the-secret", string(data[:len(data)-2]), strings.Replace(string(data), `"v":1`, `"v":2`, 1),
		string(other), strings.Replace(string(data), `"secret_access_key":"`, `"x":"`, 1)} {
		store, ring, trace := remembering()
		ring.items[name] = keyring.Item{Key: name, Data: []byte(text)}
		if _, err := store.LongTermKey("AKIAONE"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%.20q: %v", text, err)
		}
		if keys, err := store.LongTermKeys(); len(keys) != 0 || err != nil || strings.Contains(trace.String(), "the-secret") {
			t.Errorf("%.20q: %v, %v, traced %s", text, keys, err, trace)
		}
	}
}

func TestLongTermKeyShowsNoSecret(t *testing.T) {
	key := aLongTermKey("AKIAEXAMPLE")
	marshalled, _ := json.Marshal(key)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", key, key, key, key), string(marshalled)} {
		if strings.Contains(text, "the-secret") {
			t.Error(text)
		}
	}
}

func TestCarryOver(t *testing.T) {
	store, _, _ := remembering()
	old, other := aSession("AKIAOLD", 60), aSession("AKIAOTHER", 60)
	err := errors.Join(store.PutSession(old), store.PutSession(other), store.PutDevice(old.Identity, "serial"),
		store.CarryOver("AKIAOLD", "AKIANEW"))
	if err != nil {
		t.Fatal(err)
	}
	id := old.Identity
	id.Source = "AKIANEW"
	carried, err := store.Session(id)
	serial, deviceErr := store.Device(id)
	if err != nil || deviceErr != nil || carried.SessionToken != old.SessionToken || serial != "serial" {
		t.Errorf("%v, %v; %q, %v", carried, err, serial, deviceErr)
	}
	if _, err := store.Session(old.Identity); err != nil {
		t.Errorf("the old session is gone at once: %v", err)
	}
	if err := store.DropCarried("AKIAOLD"); err != nil {
		t.Fatal(err)
	}
	if sessions, err := store.Sessions(); err != nil || len(sessions) != 2 {
		t.Errorf("%v, %v", sessions, err)
	}
	if _, err := store.Device(old.Identity); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
