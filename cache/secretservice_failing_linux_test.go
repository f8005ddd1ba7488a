package cache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

func TestSecretServiceLocked(t *testing.T) {
	d := keyringtest.Start(t)
	use(t, d)
	store := open(t, "auto")
	if err := store.PutSession(aSession("A", 100)); err != nil {
		t.Fatal(err)
	}
	d.Lock(t)
	store = open(t, "auto") // a new process knows nothing yet
	_, here := store.Session(anIdentity("A"))
	_, missing := store.Session(anIdentity("B"))
	_, list := store.Sessions()
	for what, err := range map[string]error{
		"Session": here, "Session of none": missing, "Sessions": list, "PutSession": store.PutSession(aSession("A", 100)),
		"RemoveSession": store.RemoveSession(anIdentity("A")), "Clear": store.Clear(), "Check": store.Check(),
	} {
		if !errors.Is(err, ErrLocked) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := store.Backend(); got != "secret-service" {
		t.Errorf("a locked keyring gave way to %s", got)
	}
	d.Unlock(t)
	if got, err := store.Session(anIdentity("A")); err != nil || got != aSession("A", 100) {
		t.Errorf("after unlocking: %v", err)
	}
}

func TestSecretServiceFrozen(t *testing.T) {
	d := keyringtest.Start(t)
	use(t, d)
	store := open(t, "auto")
	if err := store.PutSession(aSession("A", 100)); err != nil {
		t.Fatal(err)
	}
	d.Freeze(t)
	within(t, func() error { _, err := store.Session(anIdentity("A")); return err }, ErrTimeout)
	within(t, func() error { return store.PutSession(aSession("A", 64<<10)) }, ErrTimeout)
	d.Thaw(t)
	if _, err := store.Session(anIdentity("A")); err != nil {
		t.Errorf("after thawing: %v", err)
	}
}

// within makes sure that git is kept waiting for no longer than the limit.
func within(t *testing.T, op func() error, want error) {
	t.Helper()
	start := time.Now()
	if err := op(); !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
	if took := time.Since(start); took > answerLimit+200*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestSecretServiceCancelled(t *testing.T) {
	d := keyringtest.Start(t)
	use(t, d)
	d.Freeze(t)
	ctx, cancel := context.WithCancel(context.Background())
	store, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if _, err := store.Session(anIdentity("A")); !errors.Is(err, context.Canceled) || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestSilentBus: a socket that accepts, or does not even accept, and never answers.
func TestSilentBus(t *testing.T) {
	for _, accepts := range []bool{true, false} {
		t.Run(fmt.Sprintf("accepts %v", accepts), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bus")
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			if accepts {
				go keepAll(listener)
			}
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
			store := open(t, "auto")
			within(t, func() error { _, err := store.Session(anIdentity("A")); return err }, ErrTimeout)
			if got := store.Backend(); got != "secret-service" {
				t.Errorf("a silent bus gave way to %s", got)
			}
		})
	}
}

func keepAll(listener net.Listener) {
	var open []net.Conn
	for {
		conn, err := listener.Accept()
		if err != nil {
			break
		}
		open = append(open, conn)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
}

func TestNoSecretService(t *testing.T) {
	empty := t.TempDir()
	bus := keyringtest.StartBus(t)
	for name, address := range map[string]string{
		"no provider":      strings.TrimPrefix(bus.Env()[0], "DBUS_SESSION_BUS_ADDRESS="),
		"dead socket":      "unix:path=" + filepath.Join(empty, "gone"),
		"not a socket":     "unixexec:path=/bin/false",
		"launched by need": "autolaunch:",
		"none":             "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", empty)
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Geteuid())); err == nil && len(address) < 12 {
				t.Skip("this machine has a session bus of its own")
			}
			store, err := Open(context.Background(), Options{Backend: "secret-service"})
			if err == nil {
				_, err = store.Session(anIdentity("A"))
			}
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("chosen: %v", err)
			}
			if got := open(t, "auto").Backend(); got != "keyctl" && got != "none" {
				t.Errorf("auto took %s", got)
			}
			if _, err := open(t, "auto").Session(anIdentity("A")); !errors.Is(err, ErrNotFound) {
				t.Errorf("auto: %v", err)
			}
		})
	}
}
