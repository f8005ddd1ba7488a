package cache

import (
	"errors"
	"testing"
)

// exercise is what every keyring has to do.
func exercise(t *testing.T, s *Store) {
	t.Helper()
	for _, size := range []int{100, 4096} {
		exerciseSession(t, s, size)
	}
	if err := s.PutDevice(anIdentity("A"), "serial-1"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Device(Identity{Partition: "aws", Source: "A"}); got != "serial-1" || err != nil {
		t.Errorf("Device = %q, %v", got, err)
	}
	if _, err := s.Device(anIdentity("B")); !errors.Is(err, ErrNotFound) {
		t.Errorf("Device of another source: %v", err)
	}
	if err := s.Check(); err != nil {
		t.Errorf("Check: %v", err)
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
	for range 2 {
		if err := s.Clear(); err != nil {
			t.Errorf("Clear: %v", err)
		}
	}
	if keys, err := s.ring.Keys(); len(keys) != 0 || err != nil {
		t.Errorf("after Clear: %v, %v", keys, err)
	}
	if s.Keeps() == nil {
		exerciseLongTermKey(t, s)
	}
}

func exerciseSession(t *testing.T, s *Store, size int) {
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
	if err != nil || got != want {
		t.Fatalf("Session of %d bytes: %v, same: %v", size, err, got == want)
	}
}
