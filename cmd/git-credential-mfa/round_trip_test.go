package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// TestOneRoundTrip: while the person types, the connection to STS is opened and
// used for what is asked of it anyway; from the code to git's password there is
// one request, on that connection, and no device is looked for that is known.
func TestOneRoundTrip(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the askpass is a script")
	}
	l := newLab(t)
	l.phone()
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nwhile [ ! -e typed ]; do sleep 0.05; done\ncat phone\n"))
	answered := make(chan result, 1)
	go func() { answered <- l.get() }()
	for limit := time.Now().Add(20 * time.Second); l.world.Count(sandbox.STS, "GetCallerIdentity") == 0 && time.Now().Before(limit); {
		time.Sleep(20 * time.Millisecond)
	}
	if n := l.world.Connections(sandbox.STS); n != 1 {
		t.Errorf("%d connections while the person types", n)
	}
	time.Sleep(200 * time.Millisecond) // the answer is read by then
	l.world.ForgetRequests()
	l.write("typed", "")
	if r := <-answered; r.status != 0 || !strings.Contains(r.stdout, "password=") {
		t.Fatal(r)
	}
	requests := l.world.Requests()
	t.Logf("after the code: %+v, %d connections in all", requests, l.world.Connections(sandbox.STS))
	if len(requests) != 1 || requests[0].Action != "GetSessionToken" || l.world.Connections(sandbox.STS) != 1 || l.world.Connections(sandbox.IAM) != 0 {
		t.Errorf("%+v, %d connections to STS, %d to IAM", requests, l.world.Connections(sandbox.STS), l.world.Connections(sandbox.IAM))
	}
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, "alice") {
		t.Error(r)
	}
}

// TestNothingAskedNothingSent: where nobody can be asked, AWS is not called.
func TestNothingAskedNothingSent(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if r := l.get("--prompt", "none"); r.status != 1 {
		t.Error(r)
	}
	if n := l.world.Connections(sandbox.STS); n != 0 || len(l.world.Requests()) != 0 {
		t.Errorf("%d connections, %+v", n, l.world.Requests())
	}
	if _, err := os.Stat(filepath.Join(l.home, "questions")); err == nil {
		t.Error("it asked")
	}
}
