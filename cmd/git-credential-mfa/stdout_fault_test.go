package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// A caller that never ends its request is told so after two minutes, and git
// to stop.
func TestRequestThatNeverEnds(t *testing.T) {
	t.Parallel()
	slow(t)
	l := newLab(t)
	stdin, caller, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	defer caller.Close()
	if _, err := caller.WriteString(request("https", host, "v1/repos/demo")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	r := wait(t, l.command(ctx, stdin, "git-credential-mfa", "get"))
	wantFailure(t, r, "stdin can't be read: ", "no end of input within 2 minutes", "hint: ")
	if r.took < 115*time.Second {
		t.Error(r)
	}
}

// An answer that can't be written is an error, with a session in the keyring
// and without one. A closed stdout is no reason to ask for a code.
func TestStdoutFaults(t *testing.T) {
	t.Parallel()
	notOnWindows(t, "sh closes stdout")
	l := newLab(t)
	l.secretService() // the early answer is given, too
	l.askpass()
	fails := func(redirected, text string) {
		t.Helper()
		r := l.run(request("https", host, "v1/repos/demo"), "sh", "-c", "exec git-credential-mfa "+redirected)
		if r.status != 1 || !strings.Contains(r.stderr, "git-credential-mfa: error: ") || !strings.Contains(r.stderr, text) {
			t.Errorf("%s: %v", redirected, r)
		}
	}
	l.phone()
	for _, command := range []string{"get", "credential-process"} {
		fails(command+" >&-", "stdout is closed")
	}
	l.asked(0, 0, 0)
	l.login()
	for _, command := range []string{"get", "credential-process"} {
		fails(command+" >&-", "stdout is closed")
	}
	for _, command := range []string{"get", "credential-process", "status --json", "doctor --json --offline"} {
		fails(command+" >/dev/full", "no space left on device")
	}
	fails("version >/dev/full", "no space left on device")
	// Where nothing is written, a closed stdout is none.
	for _, redirected := range []string{"store >&-", "erase >&-", "login >&-"} {
		if r := l.run(request("https", host, "v1/repos/demo"), "sh", "-c", "exec git-credential-mfa "+redirected); r.status != 0 {
			t.Errorf("%s: %v", redirected, r)
		}
	}
	// Python and Node open the null device for reading and writing where a caller
	// wants the exit status only. A closed stdout looks the same.
	for _, command := range []string{"status --json", "doctor --json --offline"} {
		want, got := l.run("", "sh", "-c", "git-credential-mfa "+command+" >/dev/null"), l.run("", "sh", "-c", "git-credential-mfa "+command+" 1<>/dev/null")
		if got.status != want.status || strings.Contains(got.stderr, "closed") {
			t.Errorf("%s: %v, want %v", command, got, want)
		}
	}
	if r := l.run(request("https", "example.com", "x"), "sh", "-c", "exec git-credential-mfa get >&-"); r.status != 0 || r.stderr != "" {
		t.Errorf("a foreign host: %v", r)
	}
}
