package main

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

// secretService gives the lab a real keyring, unlocked, in place of the file.
func (l *lab) secretService() *keyringtest.Daemon {
	l.t.Helper()
	d := keyringtest.Start(l.t)
	l.useBus(d)
	return d
}

func (l *lab) useBus(d *keyringtest.Daemon) {
	l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "auto")
	for _, variable := range d.Env() {
		if strings.HasPrefix(variable, "DBUS_") || strings.HasPrefix(variable, "XDG_RUNTIME_DIR=") {
			l.env = append(l.env, variable)
		}
	}
}

// parallel starts n helpers at the same moment and returns what each left.
func (l *lab) parallel(n int) []result {
	results := make([]result, n)
	start := make(chan struct{})
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for i := range results {
		cmd := l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), "git-credential-mfa", "get")
		all.Go(func() {
			<-start
			results[i] = wait(l.t, cmd)
		})
	}
	close(start)
	all.Wait()
	return results
}

// Promise 2: git runs as many helpers at once as it has submodules, and a
// code works once. One asks, the others use what it got.
func TestOnePromptForSixtyFour(t *testing.T) {
	l := newLab(t)
	l.secretService()
	l.askpass()
	l.phone()
	l.world.SetDelay("sts", 300*time.Millisecond)
	for i, r := range l.parallel(64) {
		if !answered(r) {
			t.Errorf("helper %d: %v", i, r)
		}
	}
	if l.questions() != 1 || l.sessions() != 1 {
		t.Errorf("%d questions and %d calls of GetSessionToken, not one each", l.questions(), l.sessions())
	}
}

// Promise 2, on an ordinary day: 200 at once, from one keyring. None fails or
// goes back to AWS, whatever GNOME Keyring makes of so many clients.
func TestTwoHundredCached(t *testing.T) {
	l := newLab(t)
	l.secretService()
	l.login()
	for i, r := range l.parallel(200) {
		if !answered(r) {
			t.Errorf("helper %d: %v", i, r)
		}
	}
	if l.sessions() != 1 {
		t.Errorf("%d calls of GetSessionToken, not one", l.sessions())
	}
}

// A question that is not answered is not put again to those who waited for
// its answer.
func TestOneRefusalForEight(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_ASKPASS", l.script("askpass", "echo \"$1\" >>questions\nsleep 2\nexit 1"))
	waited := 0
	for _, r := range l.parallel(8) {
		wantFailure(t, r)
		if strings.Contains(r.stderr, "that this process waited for") {
			waited++
		}
	}
	if waited != 7 {
		t.Errorf("%d of 8 heard that they had waited in vain", waited)
	}
	if l.questions() != 1 || l.sessions() != 0 {
		t.Errorf("%d questions and %d calls of GetSessionToken, not one and none", l.questions(), l.sessions())
	}
	// A window does not pop up again at once either; a login asks.
	wantFailure(t, l.get(), "was not answered", "git-credential-mfa login")
	if l.questions() != 1 {
		t.Errorf("the askpass was asked again")
	}
	l.login()
}
