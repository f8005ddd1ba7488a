//go:build unix

package main

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// After the last second that 32 bits count, 2038-01-19T03:14:07Z, all goes on:
// the signature, the session that ends after it, and the offset, here of
// years.
func TestYear2038(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	last := time.Unix(1<<31-1, 0)
	l.world.Clock.SetOffset(time.Until(last.Add(-30 * time.Second)))
	l.phone()
	for _, name := range []string{"before", "again"} {
		if r := l.run("", "git", "clone", "--quiet", l.url, name); r.status != 0 {
			t.Fatal(r)
		}
	}
	l.world.Clock.SetOffset(time.Until(last.Add(time.Hour)))
	if r := l.run("", "git", "clone", "--quiet", l.url, "after"); r.status != 0 {
		t.Fatal(r)
	}
	l.wantExpiry(14 * time.Minute)
	if r := l.run("", "git-credential-mfa", "status", "--json"); !strings.Contains(r.stdout, `"expiration": "2038-01-19T15:1`) {
		t.Error(r)
	}
	if l.questions() != 1 {
		t.Errorf("%d questions", l.questions())
	}
}

// The zone of the computer, with summer time, odd offsets, leap seconds in its
// data, or unknown, is in nothing that is signed, kept or compared.
func TestTimeZones(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.phone()
	for _, zone := range []string{"Pacific/Kiritimati", "America/St_Johns", "right/UTC", "XST+24XDT", "Nowhere/Land", "UTC"} {
		l.setenv("TZ", zone)
		l.wantClone(filepath.Join(l.dir, strings.ReplaceAll(zone, "/", "-")))
		l.wantLeft(12*time.Hour - time.Minute)
		l.wantExpiry(14 * time.Minute)
		if r := l.run("", "git-credential-mfa", "status", "--json"); !strings.Contains(r.stdout, time.Now().Add(12*time.Hour).UTC().Format(`"expiration": "2006-01-02T15:`)) &&
			time.Now().Minute() != 0 {
			t.Error(zone, r)
		}
	}
	l.asked(1, 1, 0)
}

func (l *lab) wantClone(name string) {
	l.t.Helper()
	if r := l.run("", "git", "clone", "--quiet", l.url, name); r.status != 0 {
		l.t.Error(r)
	}
}

// A laptop that is closed while a question is open, and opened after the
// session's end: the clock has jumped, the process has not. The answer is
// still taken, and a session that ended meanwhile is not signed with.
func TestSuspended(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\necho $$ >'"+l.home+"/asked'\nsleep 1\ncat '"+l.home+"/phone'\n"))
	l.phone()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), "git-credential-mfa", "get")
	done := make(chan result, 1)
	go func() { done <- wait(t, cmd) }()
	waitFor(t, filepath.Join(l.home, "asked"))
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if r := <-done; !answered(r) {
		t.Error(r)
	}
	// Seven seconds more than the five minutes that must be left of it.
	l.askpass()
	l.world.SetSessionLifetime(5*time.Minute + 7*time.Second)
	l.run("", "git-credential-mfa", "logout")
	l.login()
	l.stillHeld()
	time.Sleep(7 * time.Second)
	wantFailure(t, l.get("--prompt", "none"), "asking is forbidden")
	l.otherCode()
	if r := l.get(); !answered(r) || l.questions() != 1 {
		t.Error(r)
	}
}
