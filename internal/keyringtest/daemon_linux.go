package keyringtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	password  = "keyringtest"
	patience  = 20 * time.Second
	secrets   = "org.freedesktop.secrets"
	service   = "/org/freedesktop/secrets"
	loginPath = dbus.ObjectPath(service + "/collection/login")
)

// Daemon is a session bus and, unless only that was started, a GNOME Keyring on it.
type Daemon struct {
	dir     string
	bus     *exec.Cmd
	keyring *exec.Cmd
}

// busConfig names no folder of services: the bus must start no program by itself, so that a test without a keyring has
// none, and so that nothing is left behind.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Start starts a bus and an unlocked keyring. Both die with the test.
func Start(t testing.TB) *Daemon {
	t.Helper()
	Need(t, "gnome-keyring-daemon")
	d := StartBus(t)
	d.keyring = d.run(t, password, "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	d.await(t, "the keyring", func() bool {
		var locked bool
		conn, err := d.dial()
		if err != nil {
			return false
		}
		defer conn.Close()
		err = conn.Object(secrets, loginPath).Call("org.freedesktop.DBus.Properties.Get", 0,
			"org.freedesktop.Secret.Collection", "Locked").Store(&locked)
		return err == nil && !locked
	})
	return d
}

// StartBus starts a bus on which no one provides the Secret Service.
func StartBus(t testing.TB) *Daemon {
	t.Helper()
	Need(t, "dbus-daemon")
	// Not t.TempDir: the path of a socket may have 108 bytes, and that one holds the test's name.
	dir, err := os.MkdirTemp("", "keyringtest")
	if err != nil {
		t.Fatal(err)
	}
	d := &Daemon{dir: dir}
	t.Cleanup(func() {
		if t.Failed() {
			d.logs(t)
		}
		_ = os.RemoveAll(dir)
	})
	config := filepath.Join(dir, "bus.conf")
	text := strings.Replace(busConfig, "SOCKET", d.socket(), 1)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d.bus = d.run(t, "", "dbus-daemon", "--nofork", "--nopidfile", "--config-file="+config)
	d.await(t, "the bus", func() bool {
		conn, err := d.dial()
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return d
}

// run starts a program that is killed at the end of the test, and by the kernel should the test itself be killed.
func (d *Daemon) run(t testing.TB, stdin, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(d.Env(), "PATH="+os.Getenv("PATH"))
	cmd.Stdin = strings.NewReader(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := os.Create(filepath.Join(d.dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log // a pipe would be kept open by whatever they start
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

func (d *Daemon) await(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ready(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is not there after %v", what, patience)
		}
	}
}

func (d *Daemon) logs(t testing.TB) {
	logs, _ := filepath.Glob(filepath.Join(d.dir, "*.log"))
	for _, log := range logs {
		text, _ := os.ReadFile(log)
		t.Logf("%s: %s", filepath.Base(log), text)
	}
}

func (d *Daemon) socket() string { return filepath.Join(d.dir, "bus") }

// Env is what a program needs to find this bus, and no other, and no home of anyone's.
func (d *Daemon) Env() []string {
	return []string{
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + d.socket(),
		"XDG_RUNTIME_DIR=" + d.dir,
		"XDG_DATA_HOME=" + filepath.Join(d.dir, "data"),
		"XDG_CACHE_HOME=" + filepath.Join(d.dir, "cache"),
		"XDG_CONFIG_HOME=" + filepath.Join(d.dir, "config"),
		"HOME=" + d.dir,
	}
}
