package cache

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

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
