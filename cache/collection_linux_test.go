package cache

import (
	"context"
	"errors"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// withoutDefault is a Secret Service that names no default collection, at
// first not even that of the login: GNOME Keyring answers so to a client that
// it has not noted yet, about once in a thousand times.
type withoutDefault struct{ asked, blind int }

func (w *withoutDefault) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) { return "/", nil }

func (w *withoutDefault) Get(string, string) (dbus.Variant, *dbus.Error) {
	if w.asked++; w.asked <= w.blind {
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
	fake := &withoutDefault{blind: 1}
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
	fake.asked, fake.blind = 0, 9
	if err := service.present(); !errors.Is(err, ErrUnavailable) || fake.asked != 2 {
		t.Errorf("asked %d times: %v", fake.asked, err)
	}
}
