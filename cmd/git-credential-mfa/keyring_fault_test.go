package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// Promise 6 for keyrings: one that fails is not an empty one.
func TestKeyringFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		cause func(t *testing.T, l *lab, d *keyringtest.Daemon)
		fix   func(t *testing.T, d *keyringtest.Daemon)
		text  string
	}{
		{"locked", func(t *testing.T, _ *lab, d *keyringtest.Daemon) { d.Lock(t) },
			func(t *testing.T, d *keyringtest.Daemon) { d.Unlock(t) }, "the keyring is locked"},
		{"frozen", func(t *testing.T, _ *lab, d *keyringtest.Daemon) { d.Freeze(t) },
			func(t *testing.T, d *keyringtest.Daemon) { d.Thaw(t) }, "the keyring does not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			d := l.secretService()
			l.askpass()
			l.login()
			l.phone()
			c.cause(t, l, d)
			r := l.get()
			wantFailure(t, r, c.text, "hint: ", "--keyring keyctl")
			if r.took > slack*8*time.Second || l.questions() != 0 {
				t.Errorf("an askpass was asked, or it took too long: %v", r)
			}
			for _, command := range []string{"login", "logout", "status"} {
				if r := l.run("", "git-credential-mfa", command); r.status != 1 || !strings.Contains(r.stderr, c.text) {
					t.Errorf("%s: %v", command, r)
				}
			}
			c.fix(t, d)
			l.stillHeld()
		})
	}
}

// Where there is no keyring, the kernel's is used; where none is wanted, the
// code is asked each time.
func TestNoKeyring(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		bus  func(t *testing.T, l *lab)
	}{
		{"no D-Bus", func(t *testing.T, l *lab) {
			notOnWindows(t, "D-Bus is Linux's")
			l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "auto")
		}},
		{"no provider", func(t *testing.T, l *lab) { l.useBus(keyringtest.StartBus(t)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.bus(t, l)
			l.setenv("XDG_RUNTIME_DIR", t.TempDir())
			l.write("bin/dbus-launch", "#!/bin/sh\ntouch '"+l.home+"/launched'\n")
			l.setenv("PATH", strings.Join([]string{filepath.Join(l.home, "bin"), built, os.Getenv("PATH")}, string(os.PathListSeparator)))
			l.askpass()
			l.phone()
			r := l.get()
			if !answered(r) {
				t.Fatal(r)
			}
			t.Cleanup(func() { l.run("", "git-credential-mfa", "logout") })
			if s := l.run("", "git-credential-mfa", "status"); !strings.Contains(s.stdout, "keyring: keyctl") && !strings.Contains(r.stderr, "no keyring") {
				t.Errorf("%v\n%v", s, r)
			}
			if _, err := os.Stat(filepath.Join(l.home, "launched")); !errors.Is(err, os.ErrNotExist) {
				t.Error("a dbus-daemon was launched")
			}
		})
	}
	l := newLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "none")
	l.askpass()
	for range 2 {
		l.device.Refresh()
		l.phone()
		if r := l.get(); !answered(r) {
			t.Error(r)
		}
	}
	if l.questions() != 2 {
		t.Errorf("%d questions, not 2", l.questions())
	}
}

// A passphrase that was forgotten is not the end: the session can be.
func TestForgottenPassphrase(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"logout"}, {"logout", "--all"}} {
		l := newLab(t)
		l.askpass()
		l.login()
		l.setenv("GIT_CREDENTIAL_MFA_PASSPHRASE", "another")
		wantFailure(t, l.get(), "wrong passphrase", "hint: set GIT_CREDENTIAL_MFA_PASSPHRASE to the passphrase", "or start over: git-credential-mfa logout --all")
		if r := l.run("", "git-credential-mfa", args...); r.status != 0 {
			t.Error(r)
		}
		l.phone()
		if r := l.get(); !answered(r) {
			t.Error(r)
		}
	}
}
