package main

import (
	"strings"
	"testing"
)

// A job without a session bus (cron, git maintenance) reads another keyring than
// the desktop that logged in. It says which, and the login that helps; doctor
// says so before the job runs.
func TestJobWithoutSessionBus(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.secretService()
	l.login()
	fix := "git-credential-mfa login --keyring keyctl"
	if r := l.run("", "git-credential-mfa", "doctor", "--offline", l.url); !strings.Contains(r.stdout, "CCM703") || !strings.Contains(r.stdout, fix) {
		t.Error(r)
	}
	desktop := l.env
	l.setenv("DBUS_SESSION_BUS_ADDRESS", "")
	l.setenv("XDG_RUNTIME_DIR", "")
	if r := l.run("", "git-credential-mfa", "--keyring", "keyctl", "status"); r.status != 0 {
		t.Skip("the kernel's keyring can't be used here") // in many containers
	}
	t.Cleanup(func() { l.run("", "git-credential-mfa", "--keyring", "keyctl", "logout") })
	wantFailure(t, l.get(), "hint: there is no session bus here, so the keyring keyctl was read; run in a terminal: "+fix)
	job := l.env
	l.env = desktop
	words := strings.Fields(fix)
	if r := l.run(l.phone()+"\n", words[0], append(words[1:], "--code", "-")...); r.status != 0 {
		t.Fatal(r)
	}
	if r := l.run("", "git-credential-mfa", "doctor", "--offline", l.url); strings.Contains(r.stdout, "CCM703") {
		t.Error(r)
	}
	l.env = job
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
}

// Without a folder for locks git fails as soon as there is no session: doctor says
// so, with the command that fixes it.
func TestDoctorFindsNoLockFolder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, home, fix string }{
		{"no home", "", "export XDG_CACHE_HOME="},
		{"a file", "/dev/null", "export XDG_CACHE_HOME="},
		{"a container's", "/proc", "export XDG_CACHE_HOME="},
	} {
		l := newLab(t)
		l.awayFromHome(c.home)
		l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "none")
		wantFailure(t, l.get(), "no private folder for locks")
		r := l.run("", "git-credential-mfa", "doctor", "--offline", l.url)
		if r.status != 1 || !strings.Contains(r.stdout, "CCM702") || !strings.Contains(r.stdout, c.fix) {
			t.Errorf("%s: %v", c.name, r)
		}
	}
}
