package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

const nobody = 65534

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can be two users")
	}
}

// TestForeignBus: an address that was left over, or a runtime folder that can
// be guessed, leads to the bus of another user of the machine, with a Secret
// Service that takes what it is given.
func TestForeignBus(t *testing.T) {
	needRoot(t)
	foreign := keyringtest.StartAs(t, nobody)
	for name, env := range map[string][2]string{
		"address":        {foreign.Address(), t.TempDir()},
		"runtime folder": {"", foreign.RuntimeDir()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", env[0])
			t.Setenv("XDG_RUNTIME_DIR", env[1])
			store := open(t, "auto")
			if err := store.PutSession(aSession("A", 100)); err != nil {
				t.Error(err)
			}
			defer store.RemoveSession(anIdentity("A"))
			if got := store.Backend(); got != "keyctl" && got != "none" {
				t.Errorf("auto took %s", got)
			}
			chosen, err := Open(context.Background(), Options{Backend: "secret-service"})
			if err == nil {
				err = chosen.PutSession(aSession("A", 100))
			}
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("chosen: %v", err)
			}
		})
	}
	if n := foreign.Items(t); n != 0 {
		t.Errorf("the other user holds %d items", n)
	}
}

// TestForeignBusHearsNothing: not a byte goes to another user's socket, of
// whichever kind its address is.
func TestForeignBusHearsNothing(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	for _, parent := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(parent, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for address, socket := range map[string]string{
		"unix:path=" + dir + "/bus":                  dir + "/bus",
		fmt.Sprintf("unix:abstract=%s", dir[1:]):     "@" + dir[1:],
		"unix:path=/nowhere;unix:path=" + dir + "/x": dir + "/x",
	} {
		listening := listenAs(t, nobody, socket)
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		store, err := Open(context.Background(), Options{Backend: "secret-service"})
		if err == nil {
			_, err = store.Session(anIdentity("A"))
		}
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", address, err)
		}
		if heard := listening(); heard != "" {
			t.Errorf("%s: heard %q", address, heard)
		}
	}
}

// listenAs listens on a socket as another user, for one connection, and returns
// what to call for the bytes that came.
func listenAs(t *testing.T, uid uint32, socket string) func() string {
	t.Helper()
	cmd := child(t, nil, "listen", socket)
	cmd.Path = "/proc/self/exe" // the other user may not reach the folder of the test binary
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatalf("it does not listen: %v", err)
	}
	return func() string {
		heard, err := io.ReadAll(out)
		if err = errors.Join(err, cmd.Wait()); err != nil {
			t.Fatal(err)
		}
		return string(heard)
	}
}

// listen prints a full stop once it listens, then what the first client says.
func listen(args []string) error {
	l, err := net.Listen("unix", args[0])
	if err != nil {
		return err
	}
	_ = os.Chmod(args[0], 0o777) // an abstract one has no mode
	fmt.Print(".")
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	heard, _ := io.ReadAll(conn)
	fmt.Printf("%s", heard)
	return nil
}

func init() { children["listen"] = listen }

// TestRuntimeDir: one that is not ours, or that others may write to, serves
// neither for the bus nor for locks.
func TestRuntimeDir(t *testing.T) {
	d := keyringtest.Start(t)
	t.Setenv("HOME", "/dev/null/home")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", d.RuntimeDir())
	if _, err := LockDir(); err != nil {
		t.Fatal(err)
	}
	bus := filepath.Join(d.RuntimeDir(), "bus")
	if sockets, err := busSockets(); !slices.Equal(sockets, []string{bus}) || err != nil {
		t.Fatalf("%q, %v", sockets, err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(d.RuntimeDir(), link); err != nil {
		t.Fatal(err)
	}
	refuse := func(what string) {
		t.Helper()
		if dir, err := LockDir(); !errors.Is(err, ErrNoFolder) {
			t.Errorf("%s: locks in %s, %v", what, dir, err)
		}
		if sockets, _ := busSockets(); slices.Contains(sockets, bus) || slices.Contains(sockets, link+"/bus") {
			t.Errorf("%s: the bus at %q", what, sockets)
		}
	}
	for _, mode := range []os.FileMode{0o777, 0o720, 0o702} {
		if err := os.Chmod(d.RuntimeDir(), mode); err != nil {
			t.Fatal(err)
		}
		refuse(fmt.Sprintf("mode %o", mode))
	}
	if err := os.Chmod(d.RuntimeDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(d.RuntimeDir(), nobody, nobody); err != nil {
			t.Fatal(err)
		}
		refuse("another user's")
		if err := os.Chown(d.RuntimeDir(), 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("XDG_RUNTIME_DIR", link)
	refuse("a symlink")
}

// TestImportStaysOffTheBus: 99designs/keyring, which must not be linked in,
// connects in its init, and without an address runs dbus-launch, which leaves a
// daemon behind on every run, --version too.
func TestImportStaysOffTheBus(t *testing.T) {
	dir := t.TempDir()
	ran := filepath.Join(dir, "ran")
	launch := "#!/bin/sh\necho x >>" + ran + "\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(launch), 0o700); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var visits atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			visits.Add(1)
			_ = conn.Close()
		}
	}()
	address := "unix:path=" + filepath.Join(dir, "bus")
	// XDG_RUNTIME_DIR holds a socket named bus, which the library finds without an
	// address.
	path, found := "PATH="+dir, "XDG_RUNTIME_DIR="+dir
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"address":         {[]string{path, found, "DBUS_SESSION_BUS_ADDRESS=" + address}, "true " + address},
		"empty address":   {[]string{path, "DBUS_SESSION_BUS_ADDRESS="}, "true "},
		"no address":      {[]string{path}, "false "},
		"socket in place": {[]string{path, found}, "false "},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := child(t, c.env, "environment").Output()
			if err != nil || strings.TrimSuffix(string(out), "\n") != c.want {
				t.Errorf("environment after import: %q, %v", out, err)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("dbus-launch was run")
			}
			if visits.Swap(0) != 0 {
				t.Error("the bus was connected to")
			}
		})
	}
}
