package cache

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// use makes the daemon's bus this process's.
func use(t testing.TB, d *keyringtest.Daemon) {
	t.Helper()
	for _, entry := range d.Env() {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
}

func init() {
	keyrings["secret-service"] = contender{largest: 64 << 10, open: func(t *testing.T) *Store {
		use(t, keyringtest.Start(t))
		return open(t, "auto")
	}}
}

func TestSecretService(t *testing.T) {
	use(t, keyringtest.Start(t))
	store := open(t, "auto")
	if got := store.Backend(); got != "secret-service" {
		t.Fatalf("Backend = %q", got)
	}
	for range 2 {
		if err := store.PutSession(aSession("A", 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if sessions, err := store.Sessions(); len(sessions) != 1 || err != nil {
		t.Errorf("after two writes there are %d items, %v", len(sessions), err)
	}
}

func TestSecretServiceIsReadableForPeople(t *testing.T) {
	keyringtest.Need(t, "secret-tool")
	use(t, keyringtest.Start(t))
	if err := open(t, "secret-service").PutSession(aSession("A", 100)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("secret-tool", "search", "--all", "application", "git-credential-mfa").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "label = git-credential-mfa session for profile work") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestSecretServiceInRuntimeDir(t *testing.T) {
	use(t, keyringtest.Start(t))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if got := open(t, "auto").Backend(); got != "secret-service" {
		t.Errorf("Backend = %s", got)
	}
}

func TestSecretServiceInParallel(t *testing.T) {
	d := keyringtest.Start(t)
	use(t, d)
	together(t, 20, func(i int) *exec.Cmd {
		return child(t, d.Env(), "rewrite", "auto", fmt.Sprint("own", i), "")
	})
	if sessions, err := open(t, "auto").Sessions(); len(sessions) != 21 || err != nil {
		t.Errorf("%d sessions, %v", len(sessions), err)
	}
}

// TestSecretServiceRemovedMeanwhile: an item that goes between the search and
// the read is absent, not a failure.
func TestSecretServiceRemovedMeanwhile(t *testing.T) {
	use(t, keyringtest.Start(t))
	store := open(t, "secret-service")
	done := make(chan error)
	go func() {
		var err error
		for i := 0; i < 150 && err == nil; i++ {
			err = errors.Join(store.PutSession(aSession("A", 100)), store.RemoveSession(anIdentity("A")))
		}
		done <- err
	}()
	found, missing := 0, 0
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			t.Logf("found %d times, missing %d times", found, missing)
			return
		default:
		}
		switch _, err := store.Session(anIdentity("A")); {
		case err == nil:
			found++
		case errors.Is(err, ErrNotFound):
			missing++
		default:
			t.Errorf("%v", err)
		}
	}
}

// TestSecretServiceManyItems: the same key in two collections, as a change of
// the default collection leaves it.
func TestSecretServiceManyItems(t *testing.T) {
	use(t, keyringtest.Start(t))
	service, err := openSecretService(context.Background(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(service, func() string { return "" }, t.Logf)
	session := aSession("A", 100)
	put := func(collection dbus.ObjectPath, change func(*Session)) {
		t.Helper()
		s := session
		change(&s)
		data, _ := encodeSession(s)
		err := service.do(func(e *exchange) error {
			if _, err := e.collection(); err != nil { // the first question must not be for a session: see opened
				return err
			}
			return e.create(collection, keyring.Item{Key: sessionKey(session.Identity), Data: data})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	const memoryOnly = "/org/freedesktop/secrets/collection/session"
	put(loginPath, func(s *Session) { s.Profile = "older" })
	time.Sleep(1100 * time.Millisecond) // items tell the second in which they were changed
	put(memoryOnly, func(s *Session) { s.Profile = "newer" })
	if got, err := store.Session(session.Identity); got.Profile != "newer" || err != nil {
		t.Errorf("got the %s one, %v", got.Profile, err)
	}
	put(memoryOnly, func(s *Session) { s.SecretAccessKey = "" })
	if got, err := store.Session(session.Identity); got.Profile != "older" || err != nil {
		t.Errorf("the newer is not whole; got %q, %v", got.Profile, err)
	}
	if err := store.RemoveSession(session.Identity); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Session(session.Identity); !errors.Is(err, ErrNotFound) {
		t.Errorf("one was left: %v", err)
	}
}

func BenchmarkSecretServiceGet(b *testing.B) {
	use(b, keyringtest.Start(b))
	store, err := Open(context.Background(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := store.PutSession(aSession("A", 1200)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := store.Session(anIdentity("A")); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSecretOfAnyShape: whoever owns the name on the bus may answer anything.
func TestSecretOfAnyShape(t *testing.T) {
	path := dbus.ObjectPath("/s")
	good := []any{[]any{path, []byte{}, []byte("data"), "text/plain"}}
	if data, err := value(good); string(data) != "data" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	for _, answer := range [][]any{nil, {}, {"data"}, {[]byte("data")}, {[]any{}}, {[]any{path, []byte{}, "data", "text/plain"}},
		{[]any{path, []byte{}, []byte("data")}}, {[]any{path, []byte{}, dbus.MakeVariant([]byte("data")), ""}}, append(good, good...)} {
		if data, err := value(answer); data != nil || err == nil {
			t.Errorf("%v: %q, %v", answer, data, err)
		}
	}
}

// withoutDefault is a Secret Service that names no default collection, at
// first not even that of the login: GNOME Keyring answers so to a client that
// it has not noted yet, about once in a thousand times.
type withoutDefault struct{ asked, blind atomic.Int32 } // the bus answers in goroutines of its own

func (w *withoutDefault) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return "/", nil }

func (w *withoutDefault) Get(string, string) (dbus.Variant, *dbus.Error) {
	if w.asked.Add(1) <= w.blind.Load() {
		return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownMethod", nil)
	}
	return dbus.MakeVariant(false), nil
}

func TestCollectionOfTheLogin(t *testing.T) {
	d := keyringtest.StartBus(t)
	use(t, d)
	conn, err := dbus.SessionBusPrivate()
	if err == nil {
		err = errors.Join(conn.Auth(nil), conn.Hello())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fake := new(withoutDefault)
	fake.blind.Store(1)
	if err := errors.Join(conn.Export(fake, secretsPath, "org.freedesktop.Secret.Service"),
		conn.Export(fake, loginPath, "org.freedesktop.DBus.Properties")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(secretsName, 0); err != nil {
		t.Fatal(err)
	}
	service, err := openSecretService(context.Background(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if err := service.present(); err != nil {
		t.Error(err)
	}
	fake.asked.Store(0)
	fake.blind.Store(9)
	if err := service.present(); !errors.Is(err, ErrUnavailable) || fake.asked.Load() != 2 {
		t.Errorf("asked %d times: %v", fake.asked.Load(), err)
	}
}
