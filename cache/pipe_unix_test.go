//go:build unix

package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// pipeAt puts a named pipe that nobody writes to in the place of a file. To
// open it would wait without end.
func pipeAt(t *testing.T, path string) {
	t.Helper()
	_ = os.Remove(path)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// soon fails the test if do has not ended after five seconds.
func soon(t *testing.T, what string, do func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		t.Fatalf("%s: it still waits", what)
		return nil
	}
}

func TestPipeForSealedFile(t *testing.T) {
	dir := t.TempDir()
	store, err := Open(context.Background(), Options{Backend: "file", Dir: dir, Passphrase: []byte("open sesame")})
	if err != nil {
		t.Fatal(err)
	}
	pipeAt(t, filepath.Join(dir, sessionKey(anIdentity("A"))+fileSuffix))
	for what, do := range map[string]func() error{
		"Session":    func() error { _, err := store.Session(anIdentity("A")); return err },
		"PutSession": func() error { return store.PutSession(aSession("A", 100)) },
	} {
		if err := soon(t, what, do); !errors.Is(err, regularfile.ErrNotRegular) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := soon(t, "RemoveSession", func() error { return store.RemoveSession(anIdentity("A")) }); err != nil {
		t.Errorf("logout does not take it away: %v", err)
	}
	if err := store.PutSession(aSession("A", 100)); err != nil {
		t.Error(err)
	}
}

func TestPipeForLock(t *testing.T) {
	dir := t.TempDir()
	pipeAt(t, filepath.Join(dir, anIdentity("A").Key()+".lock"))
	err := soon(t, "Lock", func() error {
		_, err := tryLock(dir, "A", time.Minute)
		return err
	})
	if !errors.Is(err, regularfile.ErrNotRegular) {
		t.Error(err)
	}
}

func TestPipeForRefusal(t *testing.T) {
	held, err := tryLock(t.TempDir(), "A", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	pipeAt(t, held.refusalPath())
	_ = soon(t, "Refusal", func() error {
		if _, reason, ok := held.Refusal(); ok {
			t.Errorf("read %q", reason)
		}
		return nil
	})
	if err := soon(t, "NoteRefusal", func() error { return held.NoteRefusal("cancelled") }); err != nil {
		t.Error(err)
	}
	if _, reason, ok := held.Refusal(); !ok || reason != "cancelled" {
		t.Errorf("%q, %v", reason, ok)
	}
}
