//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// codes makes the phone show a code that STS does not know.
func (l *lab) wrongCode() {
	code := []byte(l.device.Code())
	for i := range code {
		code[i] = '0' + (code[i]-'0'+5)%10
	}
	l.write("phone", string(code)+"\n")
}

// held checks that a session is held and answers, without AWS.
func (l *lab) stillHeld() {
	l.t.Helper()
	before := len(l.world.Requests())
	if r := l.get("--prompt", "none"); !answered(r) || len(l.world.Requests()) != before {
		l.t.Errorf("the session did not survive: %v", r)
	}
}

// Promise 6: what goes wrong at STS ends within its limit with a message of
// its own, and the session that is held stays as it is.
func TestSTSFaults(t *testing.T) {
	t.Parallel()
	unknown := "arn:aws:iam::" + sandbox.Account + ":mfa/somebody-else"
	for _, c := range []struct {
		name  string
		cause func(l *lab)
		calls int
		limit time.Duration
		texts []string
	}{
		{"wrong code", func(l *lab) { l.wrongCode() }, 1, 5 * time.Second,
			[]string{"the MFA code was refused (wrong, or used already)", "after 3 tries", "resynchronise"}},
		{"wrong serial", func(l *lab) {
			l.setenv("GIT_CREDENTIAL_MFA_SERIAL", unknown)
		}, 1, 5 * time.Second, []string{"STS does not know this MFA device for this user: \"" + unknown + "\", from GIT_CREDENTIAL_MFA_SERIAL", "aws iam list-mfa-devices", "aws configure set mfa_serial"}},
		{"inactive key", func(l *lab) { l.user.SetKeyActive(false) }, 1, 5 * time.Second,
			[]string{"the access key is unknown, deleted or inactive", "aws configure"}},
		{"wrong secret", func(l *lab) {
			l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial, "aws_secret_access_key": strings.Repeat("x", 40)})
		}, 1, 5 * time.Second, []string{"the secret access key does not belong to the access key"}},
		{"STS down", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 503, Times: 9})
		},
			3, 10 * time.Second, []string{"STS failed", "health.aws.amazon.com"}},
		{"throttled", func(l *lab) { l.world.Throttle("sts", "GetSessionToken", 9) }, 3, 10 * time.Second,
			[]string{"STS throttles this account", "wait a minute"}},
		{"hanging", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Trouble: sandbox.Hang, Times: 9})
		}, 1, 30 * time.Second, []string{"STS did not answer", "may have been used"}},
		{"reset", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Trouble: sandbox.Reset, Times: 9})
		}, 1, 10 * time.Second, []string{"STS did not answer", "may have been used"}},
		{"region off", func(l *lab) { l.world.SetRegionActive(region, false) }, 1, 5 * time.Second,
			[]string{"STS is not activated in this region"}},
		{"no proxy there", func(l *lab) {
			l.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
			l.setenv("https_proxy", "http://127.0.0.1:1")
		}, 0, 10 * time.Second, []string{"STS could not be reached", "HTTPS_PROXY"}},
		{"unknown certificates", func(l *lab) { l.world.Inject(sandbox.Fault{Service: "sts", Trouble: sandbox.BadTLS, Times: 9}) },
			0, 10 * time.Second, []string{"the certificate of STS is not trusted", "AWS_CA_BUNDLE"}},
		{"answer without a session", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 200, Times: 9})
		}, 1, 10 * time.Second, []string{"asking STS for a session"}},
		{"code spent by the call that failed", func(l *lab) {
			l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 500, AfterWork: true})
		}, 2, 10 * time.Second, []string{"perhaps the call that failed just before used it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.login()
			l.askpass()
			l.phone()
			c.cause(l)
			before := l.sessions()
			r := l.run("", "git-credential-mfa", "login", "--refresh")
			if r.status != 1 || r.stdout != "" || r.took > c.limit || !strings.Contains(r.stderr, "git-credential-mfa: hint: ") && c.name != "answer without a session" {
				t.Errorf("want exit 1 and a hint within %v: %v", c.limit, r)
			}
			for _, text := range c.texts {
				if !strings.Contains(r.stderr, text) {
					t.Errorf("stderr lacks %q:\n%s", text, r.stderr)
				}
			}
			if calls := l.sessions() - before; calls != c.calls {
				t.Errorf("%d calls of GetSessionToken, not %d", calls, c.calls)
			}
			if c.name != "wrong serial" && c.name != "inactive key" {
				l.stillHeld()
			}
		})
	}
}

// A code that was used is told as such, without asking STS, and the next one
// is taken.
func TestUsedCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.login()
	used, err := os.ReadFile(filepath.Join(l.home, "phone"))
	if err != nil {
		t.Fatal(err)
	}
	before := l.sessions()
	r := l.run(string(used), "git-credential-mfa", "login", "--refresh", "--code", "-")
	if r.status != 1 || !strings.Contains(r.stderr, "error: logging in: this MFA code was used already\n") || l.sessions() != before {
		t.Errorf("%d more calls of GetSessionToken: %v", l.sessions()-before, r)
	}
	l.stillHeld()
	// Used elsewhere, to sign in to the console, say: only STS knows.
	l.run("", "git-credential-mfa", "logout")
	r = l.run(string(used), "git-credential-mfa", "login", "--code", "-")
	if r.status != 1 || !strings.Contains(r.stderr, "used already") {
		t.Error(r)
	}
	l.phone()
	if r := l.run("", "git-credential-mfa", "login"); r.status != 0 {
		t.Error(r)
	}
}

// A wrong code is followed by a second question, not by a failure.
func TestSecondTry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.wrongCode()
	right := l.write("right", l.phoneless())
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\ncat '"+l.home+"/phone'\ncp '"+right+"' '"+l.home+"/phone'\n"))
	if r := l.get(); !answered(r) || !strings.Contains(r.stderr, "wait for the next code") || l.sessions() != 2 {
		t.Errorf("%d calls: %v", l.sessions(), r)
	}
}

// phoneless returns a code without showing it on the phone.
func (l *lab) phoneless() string {
	code, ok := l.device.NextUnspent()
	if !ok {
		l.t.Fatal("no code")
	}
	return code + "\n"
}

// Promise 6 for keyrings: one that fails is not an empty one.
func TestKeyringFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		cause func(t *testing.T, l *lab, d *keyringtest.Daemon)
		mend  func(t *testing.T, d *keyringtest.Daemon)
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
			if r.took > 8*time.Second || l.questions() != 0 {
				t.Errorf("an askpass was asked, or it took too long: %v", r)
			}
			for _, command := range []string{"login", "logout", "status"} {
				if r := l.run("", "git-credential-mfa", command); r.status != 1 || !strings.Contains(r.stderr, c.text) {
					t.Errorf("%s: %v", command, r)
				}
			}
			c.mend(t, d)
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
		{"no D-Bus", func(_ *testing.T, l *lab) { l.setenv("GIT_CREDENTIAL_MFA_KEYRING", "auto") }},
		{"no provider", func(t *testing.T, l *lab) { l.useBus(keyringtest.StartBus(t)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c.bus(t, l)
			l.setenv("XDG_RUNTIME_DIR", t.TempDir())
			l.write("bin/dbus-launch", "#!/bin/sh\ntouch '"+l.home+"/launched'\n")
			l.setenv("PATH", filepath.Join(l.home, "bin")+":"+built+":"+os.Getenv("PATH"))
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

// Who holds the lock and is killed frees it.
func TestLockHolderKilled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\necho $$ >'"+l.home+"/asked'\nsleep 300\n"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), "git-credential-mfa", "get")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(l.home, "asked"))
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	l.askpass()
	l.phone()
	if r := l.get(); !answered(r) || r.took > 5*time.Second {
		t.Error(r)
	}
}

// A helper whose git was killed gives up its question: the next git must not
// wait behind a window that nobody needs.
func TestReaderGone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\necho $$ >'"+l.home+"/asked'\nexec sleep 300\n"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), "git-credential-mfa", "get")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(l.home, "asked"))
	stdout.Close()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("the helper still waits for an answer that nobody will read")
	}
}

func waitFor(t *testing.T, file string) {
	t.Helper()
	for range 1000 {
		if text, err := os.ReadFile(file); err == nil && len(text) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not come", file)
}

// Promise 8 of the protocol: with nothing to ask with, the helper says so at
// once, and git stops without asking for a username.
func TestNoWayToAsk(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	r := l.get()
	wantFailure(t, r, "there is no terminal and no askpass", "hint: run in a terminal: git-credential-mfa login")
	if r.took > time.Second && raceFlag == nil {
		t.Errorf("it took %v", r.took)
	}
	r = l.run("", "git", "clone", "--quiet", l.url, "x")
	if r.status != 128 || strings.Contains(r.stderr, "Username") || !strings.Contains(r.stderr, "told us to quit") ||
		!strings.Contains(r.stderr, "git-credential-mfa login") {
		t.Error(r)
	}
	for name, value := range map[string]string{
		"GCM_INTERACTIVE": "never", "VSCODE_GIT_FETCH_SILENT": "1", "GIT_CREDENTIAL_MFA_PROMPT": "none",
	} {
		l := newLab(t)
		l.askpass()
		l.phone()
		l.setenv(name, value)
		wantFailure(t, l.get(), "asking is forbidden by", "git-credential-mfa login")
		if l.questions() > 0 {
			t.Errorf("%s: asked all the same", name)
		}
	}
	l = newLab(t)
	l.askpass()
	l.phone()
	r = l.run("", "git", "-c", "credential.interactive=never", "clone", "--quiet", l.url, "x")
	if r.status != 128 || !strings.Contains(r.stderr, "asking is forbidden by git's credential.interactive") || l.questions() > 0 {
		t.Error(r)
	}
}

// What asks may misbehave: it is ended, told as what it is, and fills no
// memory. A program that leaves a child behind has answered all the same.
func TestProcessFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, text string }{
		{"flood", "exec yes 123456", "the answer is not a code of 6 digits"},
		{"fails", "exit 3", "the mfa_process failed: exit status 3"},
		{"says nothing", "exit 0", "the mfa_process failed: it printed nothing"},
		{"says too much", "echo 123456 and more", "the answer is not a code of 6 digits"},
	} {
		l := newLab(t)
		l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.write("process", "#!/bin/sh\n"+c.body+"\n"))
		r := l.get()
		if wantFailure(t, r, c.text, "hint: "); r.took > 10*time.Second || l.sessions() != 0 {
			t.Errorf("%s: %v", c.name, r)
		}
	}
	l := newLab(t)
	l.phone()
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.write("process", "#!/bin/sh\nsleep 30 2>/dev/null &\ncat '"+l.home+"/phone'\n"))
	if r := l.get(); !answered(r) || r.took > 10*time.Second {
		t.Error(r)
	}
	// After a failure of AWS's the next get asks again: only a person's refusal
	// holds, and not against a program.
	l = newLab(t)
	l.phone()
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.write("process", "#!/bin/sh\ncat '"+l.home+"/phone'\n"))
	l.world.Inject(sandbox.Fault{Service: "sts", Action: "GetSessionToken", Status: 503, Times: 3})
	wantFailure(t, l.get(), "STS failed")
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
}

// A repository that somebody sent has no say in where a login sends the code.
func TestLoginIgnoresTheRepositorysProxy(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.phone()
	l.askpass()
	for _, args := range [][]string{
		{"config", "--global", "http.proxy", l.world.ProxyURL()}, {"config", "--global", "http.sslCAInfo", l.world.CAFile()},
		{"init", "-q", "sent"}, {"-C", "sent", "config", "http.proxy", "http://127.0.0.1:1"},
	} {
		if r := l.run("", "git", args...); r.status != 0 {
			t.Fatal(r)
		}
	}
	login := func(program ...string) result {
		return l.run("", "env", append([]string{"-u", "HTTPS_PROXY", "-u", "https_proxy", "-u", "AWS_CA_BUNDLE", "-u", "GIT_SSL_CAINFO", "-C", "sent"}, program...)...)
	}
	if r := login("git-credential-mfa", "login"); r.status != 0 {
		t.Error(r)
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
		wantFailure(t, l.get(), "wrong passphrase")
		if r := l.run("", "git-credential-mfa", args...); r.status != 0 {
			t.Error(r)
		}
		l.phone()
		if r := l.get(); !answered(r) {
			t.Error(r)
		}
	}
}

// Ctrl-C ends what waits for something else than an answer, too.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := l.command(ctx, read, "git-credential-mfa", "get")
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); time.Since(start) > 10*time.Second {
		t.Errorf("it took %v", time.Since(start))
	}
	// A trace that would block is not opened.
	fifo := filepath.Join(l.home, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", fifo)
	if r := l.run("", "git-credential-mfa", "version"); r.status != 0 || !strings.Contains(r.stderr, "warning: opening the trace") {
		t.Error(r)
	}
}
