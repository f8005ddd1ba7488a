package keyringtest

import (
	"errors"
	"fmt"
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
	uid     int
	bus     *exec.Cmd
	keyring *exec.Cmd
}

// busConfig names no folder of services, so that the bus starts no program: a
// test without a keyring has none, and no process is left behind.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Start starts a bus and an unlocked keyring. Both end with the test.
func Start(t testing.TB) *Daemon {
	t.Helper()
	return StartAs(t, os.Getuid())
}

// StartAs starts a bus and an unlocked keyring as a user. They serve every user,
// as an attacker's would. To start them as another user needs root.
func StartAs(t testing.TB, uid int) *Daemon {
	t.Helper()
	Need(t, "gnome-keyring-daemon")
	d := startBus(t, uid)
	if err := d.unlocked(); err != nil {
		t.Fatal(err)
	}
	return d
}

// StartBus starts a bus on which no one provides the Secret Service.
func StartBus(t testing.TB) *Daemon {
	t.Helper()
	return startBus(t, os.Getuid())
}

func startBus(t testing.TB, uid int) *Daemon {
	t.Helper()
	Need(t, "dbus-daemon")
	d, err := openBus(uid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(d.logs())
		}
		d.Close()
	})
	return d
}

// Open starts a bus and an unlocked keyring for a program, which must close them.
// If it is killed, the kernel ends them.
func Open() (*Daemon, error) {
	d, err := openBus(os.Getuid())
	if err != nil {
		return nil, err
	}
	if err := d.unlocked(); err != nil {
		err = fmt.Errorf("%w\n%s", err, d.logs())
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close ends the bus and the keyring, and removes their files.
func (d *Daemon) Close() {
	for _, cmd := range []*exec.Cmd{d.keyring, d.bus} {
		if cmd != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	_ = os.RemoveAll(d.dir)
}

func openBus(uid int) (*Daemon, error) {
	// Not t.TempDir, whose path holds the test's name: a socket's path has at most
	// 108 bytes.
	dir, err := os.MkdirTemp("", "keyringtest")
	if err != nil {
		return nil, err
	}
	d := &Daemon{dir: dir, uid: uid}
	config := filepath.Join(dir, "bus.conf")
	text := strings.Replace(busConfig, "SOCKET", d.socket(), 1)
	if uid != os.Getuid() {
		err = errors.Join(os.Chown(dir, uid, uid), os.Chmod(dir, 0o711))
	}
	if err == nil {
		err = os.WriteFile(config, []byte(text), 0o644)
	}
	if err == nil {
		d.bus, err = d.run("", "dbus-daemon", "--nofork", "--nopidfile", "--config-file="+config)
	}
	if err == nil {
		err = await("the bus", func() bool {
			conn, err := d.dial()
			return err == nil && conn.Close() == nil
		})
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, d.logs())
		d.Close()
		return nil, err
	}
	return d, nil
}

// unlocked starts the keyring, and waits until it is unlocked.
func (d *Daemon) unlocked() (err error) {
	d.keyring, err = d.run(password, "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	if err != nil {
		return err
	}
	return await("the keyring", func() bool {
		var locked bool
		conn, err := d.dial()
		if err != nil {
			return false
		}
		defer conn.Close()
		err = register(conn)
		if err == nil {
			err = conn.Object(secrets, loginPath).Call("org.freedesktop.DBus.Properties.Get", 0,
				"org.freedesktop.Secret.Collection", "Locked").Store(&locked)
		}
		return err == nil && !locked
	})
}

// register makes the first call, after which GNOME Keyring registers the client.
// It aborts if it gets some other calls before.
func register(conn *dbus.Conn) error {
	return conn.Object(secrets, service).Call("org.freedesktop.Secret.Service.ReadAlias", 0, "default").Err
}

// run starts a program. The kernel ends it if this one is killed.
func (d *Daemon) run(stdin, name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(d.Env(), "PATH="+os.Getenv("PATH"))
	cmd.Stdin = strings.NewReader(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if d.uid != os.Getuid() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(d.uid), Gid: uint32(d.uid)}
	}
	log, err := os.Create(filepath.Join(d.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log // their children would keep a pipe open
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return cmd, nil
}

func await(what string, ready func() bool) error {
	for end := time.Now().Add(patience); !ready(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%s did not start within %v", what, patience)
		}
	}
	return nil
}

func (d *Daemon) logs() string {
	var all strings.Builder
	logs, _ := filepath.Glob(filepath.Join(d.dir, "*.log"))
	for _, log := range logs {
		text, _ := os.ReadFile(log)
		fmt.Fprintf(&all, "%s: %s\n", filepath.Base(log), text)
	}
	return all.String()
}

func (d *Daemon) socket() string { return filepath.Join(d.dir, "bus") }

// Env returns the variables with which a program finds only this bus, and no
// person's home.
func (d *Daemon) Env() []string {
	return []string{
		"DBUS_SESSION_BUS_ADDRESS=" + d.Address(),
		"XDG_RUNTIME_DIR=" + d.dir,
		"XDG_DATA_HOME=" + filepath.Join(d.dir, "data"),
		"XDG_CACHE_HOME=" + filepath.Join(d.dir, "cache"),
		"XDG_CONFIG_HOME=" + filepath.Join(d.dir, "config"),
		"HOME=" + d.dir,
	}
}

// Address returns the bus's address, for DBUS_SESSION_BUS_ADDRESS.
func (d *Daemon) Address() string { return "unix:path=" + d.socket() }

// RuntimeDir returns the folder of the bus, for XDG_RUNTIME_DIR.
func (d *Daemon) RuntimeDir() string { return d.dir }
