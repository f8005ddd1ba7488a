package main

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// Promise 8 of the protocol: with nothing to ask with, the helper says so at
// once, and git stops without asking for a username.
func TestNoWayToAsk(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	r := l.get()
	wantFailure(t, r, "there is no terminal and no askpass", "hint: run in a terminal: git-credential-mfa login")
	// Wine looks for a screen first, for a while.
	if r.took > slack*time.Second && raceFlag == nil && runtime.GOOS != "windows" {
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
		l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.scriptLine("process", c.body))
		r := l.get()
		if wantFailure(t, r, c.text, "hint: "); r.took > slack*10*time.Second || l.sessions() != 0 {
			t.Errorf("%s: %v", c.name, r)
		}
	}
	l := newLab(t)
	l.phone()
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.scriptLine("process", "sleep 300 2>/dev/null &\ncat phone"))
	if r := l.get(); !answered(r) || r.took > slack*10*time.Second {
		t.Error(r)
	}
	// After a failure of AWS's the next get asks again: only a person's refusal
	// holds, and not against a program.
	l = newLab(t)
	l.phone()
	l.setenv("GIT_CREDENTIAL_MFA_PROCESS", l.scriptLine("process", "cat phone"))
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
