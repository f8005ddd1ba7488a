package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// TestUnreadableItems: none of them is answered with, none is destroyed, and
// the trace quotes nothing of them.
func TestUnreadableItems(t *testing.T) {
	session := aSession("A", 60)
	data, _ := encodeSession(session)
	key := sessionKey(session.Identity)
	other, _ := encodeSession(aSession("B", 60))
	change := func(old, new string) string { return strings.Replace(string(data), old, new, 1) }
	for name, text := range map[string]string{
		"empty":            "",
		"not JSON":         "secret",
		"cut off":          string(data[:len(data)-5]),
		"two of them":      string(data) + string(data),
		"foreign JSON":     `{"secret":1}`,
		"an array":         `["secret"]`,
		"null":             "null",
		"no version":       change(`"v":1,`, ""),
		"newer version":    change(`"v":1`, `"v":2`),
		"newer, other":     `{"v":2,"identity":"secret"}`,
		"version as text":  change(`"v":1`, `"v":"1"`),
		"another's":        string(other),
		"other identity":   change(`"partition":"aws"`, `"partition":"aws-cn"`),
		"other type":       change(`"session_token":"`, `"session_token":5,"x":"`),
		"no secret":        change(`"secret_access_key":"`, `"x":"`),
		"no key":           change(`"access_key_id":"`, `"x":"`),
		"no session token": change(`"session_token":"`, `"x":"`),
		"no expiration":    change(`"expiration":"`, `"x":"`),
	} {
		t.Run(name, func(t *testing.T) {
			store, ring, trace := remembering()
			ring.items[key] = keyring.Item{Key: key, Data: []byte(text)}
			if _, err := store.Session(session.Identity); !errors.Is(err, ErrNotFound) {
				t.Errorf("Session: %v", err)
			}
			if list, err := store.Sessions(); len(list) != 0 || err != nil {
				t.Errorf("Sessions: %d, %v", len(list), err)
			}
			if string(ring.items[key].Data) != text {
				t.Error("reading changed the item")
			}
			if strings.Count(trace.String(), "\n") != 2 || strings.Contains(trace.String(), "secret") {
				t.Errorf("trace: %s", trace)
			}
			if err := store.PutSession(session); err != nil {
				t.Errorf("PutSession: %v", err)
			}
			if got, err := store.Session(session.Identity); got != session || err != nil {
				t.Errorf("after PutSession: %v", err)
			}
		})
	}
}

func TestUnreadableDevices(t *testing.T) {
	source := anIdentity("A")
	for _, text := range []string{"", "{}", `{"v":2}`, `{"v":1}`, `{"v":1,"partition":"aws","source":"B","serial":"s"}`,
		`{"v":1,"partition":"aws","source":"A","serial":5}`, `{"v":1,"partition":"aws","source":"A"}`} {
		store, ring, trace := remembering()
		ring.items[deviceKey(source)] = keyring.Item{Data: []byte(text)}
		if _, err := store.Device(source); !errors.Is(err, ErrNotFound) || trace.Len() == 0 {
			t.Errorf("%s: %v, trace %q", text, err, trace)
		}
	}
}

// TestFailedIsNotAbsent is the fault of others: a locked keyring taken for an
// empty one asks for a code in vain.
func TestFailedIsNotAbsent(t *testing.T) {
	store, ring, _ := remembering()
	ring.fail = fmt.Errorf("%w: by the screen lock", ErrLocked)
	id := anIdentity("A")
	_, session := store.Session(id)
	_, device := store.Device(id)
	_, list := store.Sessions()
	for i, err := range []error{session, device, list, store.PutSession(aSession("A", 9)), store.RemoveSession(id),
		store.PutDevice(id, "s"), store.RemoveDevice(id), store.Clear(), store.Check(), store.CheckSpace(id)} {
		if !errors.Is(err, ErrLocked) || errors.Is(err, ErrNotFound) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestSessionsAreSorted(t *testing.T) {
	store, _, _ := remembering()
	for i, profile := range []string{"c", "a", "b", "a", ""} {
		s := aSession(fmt.Sprint(i), 9)
		s.Profile, s.Account = profile, fmt.Sprint(9-i)
		if err := store.PutSession(s); err != nil {
			t.Fatal(err)
		}
	}
	var order []string
	sessions, err := store.Sessions()
	for _, s := range sessions {
		order = append(order, s.Profile+s.Account)
	}
	if got := strings.Join(order, " "); got != "5 a6 a8 b7 c9" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestClearLeavesWhatIsNotOurs(t *testing.T) {
	store, ring, _ := remembering()
	ring.items["someone-else"] = keyring.Item{}
	_ = store.PutSession(aSession("A", 9))
	_ = store.PutDevice(anIdentity("A"), "s")
	if err := store.Clear(); err != nil || len(ring.items) != 1 {
		t.Errorf("%v; left: %v", err, ring.items)
	}
}

func TestNone(t *testing.T) {
	store, err := Open(context.Background(), Options{Backend: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutSession(aSession("A", 9)); err != nil || store.Backend() != "none" {
		t.Errorf("%v, %s", err, store.Backend())
	}
	if _, err := store.Session(anIdentity("A")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := errors.Join(store.RemoveSession(anIdentity("A")), store.Clear(), store.Check()); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(context.Background(), Options{Backend: "kwallet"}); err == nil || errors.Is(err, ErrUnavailable) {
		t.Errorf("unknown name: %v", err)
	}
	_, err := Open(context.Background(), Options{Backend: "file", Dir: t.TempDir()})
	if !errors.Is(err, ErrNoPassphrase) || !strings.Contains(err.Error(), "GIT_CREDENTIAL_MFA_PASSPHRASE") {
		t.Errorf("file without a passphrase: %v", err)
	}
	elsewhere := 0
	for _, name := range []string{"keychain", "wincred", "secret-service", "keyctl"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/gone")
		if _, err := Open(context.Background(), Options{Backend: name}); errors.Is(err, ErrUnavailable) {
			elsewhere++
		}
	}
	if elsewhere < 2 {
		t.Errorf("only %d keyrings are another system's", elsewhere)
	}
}

func FuzzDecode(f *testing.F) {
	data, _ := encodeSession(aSession("A", 30))
	f.Add(data)
	f.Add([]byte(`{"v":1,"identity":{}}`))
	key := sessionKey(anIdentity("A"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := decodeSession(key, data); err == nil && sessionKey(s.Identity) != key {
			t.Error("answered for another identity")
		}
	})
}

// TestTwoVersions: a newer version of this program keeps its items under names
// of its own, since the version is part of the name. This one neither reads,
// replaces nor lists them; that logout --all removes them is its promise.
func TestTwoVersions(t *testing.T) {
	store, ring, _ := remembering()
	session := aSession("A", 60)
	data, _ := encodeSession(session)
	newer := keyring.Item{Key: sessionPrefix + strings.Repeat("5e", 32),
		Data: []byte(strings.Replace(string(data), `"v":1`, `"v":2`, 1))}
	ring.items[newer.Key] = newer
	steps := []struct {
		name string
		do   func() error
		all  int
	}{
		{"write", func() error { return store.PutSession(session) }, 2},
		{"write again", func() error { return store.PutSession(session) }, 2},
		{"list", func() error { list, err := store.Sessions(); return errors.Join(err, want(len(list) == 1)) }, 2},
		{"logout", func() error { return store.RemoveSession(session.Identity) }, 1},
		{"downgrade", func() error { _, err := store.Session(session.Identity); return want(errors.Is(err, ErrNotFound)) }, 1},
		{"logout --all", store.Clear, 0},
	}
	for _, step := range steps {
		if err := step.do(); err != nil || len(ring.items) != step.all {
			t.Errorf("%s: %v, %d items", step.name, err, len(ring.items))
		}
		if step.all > 0 && string(ring.items[newer.Key].Data) != string(newer.Data) {
			t.Errorf("%s changed the newer version's item", step.name)
		}
	}
}

func want(ok bool) error {
	if !ok {
		return errors.New("not as it should be")
	}
	return nil
}
