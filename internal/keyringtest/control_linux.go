package keyringtest

import (
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

func (d *Daemon) dial() (*dbus.Conn, error) {
	return dbus.Connect(d.Address())
}

// call calls a method of the keyring, and fails the test if that fails.
func (d *Daemon) call(t testing.TB, method string, args ...any) *dbus.Call {
	t.Helper()
	conn, err := d.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	call := conn.Object(secrets, service).Call(method, 0, args...)
	if call.Err != nil {
		t.Fatalf("%s: %v", method, call.Err)
	}
	return call
}

// Lock locks the login collection, as a screen lock does.
func (d *Daemon) Lock(t testing.TB) {
	t.Helper()
	d.call(t, "org.freedesktop.Secret.Service.Lock", []dbus.ObjectPath{loginPath})
}

// Items returns how many items of this program the keyring holds.
func (d *Daemon) Items(t testing.TB) int {
	t.Helper()
	var unlocked, locked []dbus.ObjectPath
	call := d.call(t, "org.freedesktop.Secret.Service.SearchItems", map[string]string{"application": "git-credential-mfa"})
	if err := call.Store(&unlocked, &locked); err != nil {
		t.Fatal(err)
	}
	return len(unlocked) + len(locked)
}

// Unlock unlocks the login collection without a dialog.
func (d *Daemon) Unlock(t testing.TB) {
	t.Helper()
	var output dbus.Variant
	var session dbus.ObjectPath
	conn, err := d.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	object := conn.Object(secrets, service)
	err = register(conn)
	if err == nil {
		err = object.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).
			Store(&output, &session)
	}
	if err != nil {
		t.Fatal(err)
	}
	master := struct {
		Session    dbus.ObjectPath
		Parameters []byte
		Value      []byte
		Type       string
	}{session, []byte{}, []byte(password), "text/plain"}
	method := "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword"
	if err := object.Call(method, 0, loginPath, master).Err; err != nil {
		t.Fatal(err)
	}
}

// Freeze stops the keyring's process, so that it does not answer.
func (d *Daemon) Freeze(t testing.TB) { d.signal(t, syscall.SIGSTOP) }

// Thaw continues the keyring's process.
func (d *Daemon) Thaw(t testing.TB) { d.signal(t, syscall.SIGCONT) }

func (d *Daemon) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := d.keyring.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}
