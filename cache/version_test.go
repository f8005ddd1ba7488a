package cache

import (
	"errors"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// TestTwoVersions: a newer version of this program keeps its items under names of its own, since the version is part of
// the name. This one neither reads, replaces nor lists them; that logout --all removes them is its promise.
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
