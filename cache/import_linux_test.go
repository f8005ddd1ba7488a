package cache

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestImportStaysOffTheBus: 99designs/keyring, which must not be linked in, connects in its init, and without an address
// runs dbus-launch, which leaves a daemon behind on every run, --version too.
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
	// XDG_RUNTIME_DIR holds a socket named bus, which the library finds without an address.
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
