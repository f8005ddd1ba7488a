package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// configured is a lab whose git was configured by the program itself, and
// forgotten what the lab's own configuration says.
func configured(t *testing.T) *lab {
	t.Helper()
	l := newLab(t)
	l.write(".gitconfig", "")
	if r := l.run("", "git-credential-mfa", "configure"); r.status != 0 {
		t.Fatal(r)
	}
	return l
}

// knowsProactiveAuth reports whether this git has http.proactiveAuth: 2.46.
func (l *lab) knowsProactiveAuth() bool {
	var major, minor int
	version := l.run("", "git", "version").stdout
	if _, err := fmt.Sscanf(version, "git version %d.%d", &major, &minor); err != nil {
		l.t.Fatalf("%q: %v", version, err)
	}
	return major > 2 || major == 2 && minor >= 46
}

// With the block of configure, git 2.46 and later sends no request that is
// refused; an older git sends one, as before, and works.
func TestProactiveAuth(t *testing.T) {
	t.Parallel()
	l := configured(t)
	l.login()
	clone := filepath.Join(l.home, "clone")
	large := filepath.Join(clone, "large")
	steps := [][]string{
		{"clone", "--quiet", l.url, clone},
		{"-C", clone, "fetch", "--quiet"},
		{"-C", clone, "push", "--quiet", "origin", "HEAD:refs/heads/pushed"},
	}
	for i, step := range steps {
		if i == 2 { // more than http.postBuffer, which git sends in chunks after a probe
			data := make([]byte, 2<<20)
			_, _ = rand.Read(data)
			if err := os.WriteFile(large, data, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"add", "large"}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "large"}} {
				if r := l.run("", "git", append([]string{"-C", clone}, args...)...); r.status != 0 {
					t.Fatal(r)
				}
			}
		}
		l.world.ForgetRequests()
		if r := l.run("", "git", step...); r.status != 0 {
			t.Fatal(r)
		}
		refused := 0
		for _, r := range l.world.Requests() {
			if r.Status == 401 {
				refused++
			}
		}
		if want := l.knowsProactiveAuth(); want && refused != 0 || !want && refused == 0 {
			t.Errorf("git %v: %d requests were refused", step, refused)
		}
	}
}

// Without a session and without a way to ask, git fails as it does without
// proactiveAuth: with our reason, and without a question for a username. git
// itself may say one line more, that its remote helper has ended.
func TestProactiveAuthWithoutASession(t *testing.T) {
	t.Parallel()
	l := configured(t)
	l.setenv("GIT_CREDENTIAL_MFA_PROMPT", "none")
	with := l.run("", "git", "ls-remote", l.url)
	without := l.run("", "git", "-c", "http.https://"+host+".proactiveAuth=none", "ls-remote", l.url)
	if with.status == 0 || with.status != without.status || !strings.HasPrefix(with.stderr, without.stderr) || !strings.Contains(with.stderr, "git-credential-mfa: error: ") {
		t.Errorf("with proactiveAuth:\n%v\nwithout:\n%v", with, without)
	}
}

// A submodule of the same host is fetched as the repository is: each is asked
// for on its own, since the path is a part of what is signed.
func TestProactiveAuthOfSubmodules(t *testing.T) {
	t.Parallel()
	l := configured(t)
	l.login()
	part, err := l.world.AddRepository(region, "part")
	if err != nil {
		t.Fatal(err)
	}
	clone := filepath.Join(l.home, "clone")
	for _, step := range [][]string{
		{"clone", "--quiet", l.url, clone}, {"-C", clone, "submodule", "--quiet", "add", part, "part"},
		{"-C", clone, "commit", "--quiet", "-m", "part"}, {"-C", clone, "push", "--quiet", "origin", "HEAD"},
	} {
		if r := l.run("", "git", step...); r.status != 0 {
			t.Fatal(r)
		}
	}
	l.world.ForgetRequests()
	if r := l.run("", "git", "clone", "--quiet", "--recurse-submodules", l.url, filepath.Join(l.home, "again")); r.status != 0 {
		t.Fatal(r)
	}
	for _, r := range l.world.Requests() {
		if r.Status == 401 && l.knowsProactiveAuth() {
			t.Errorf("refused: %+v", r)
		}
	}
}

// With http.emptyAuth git sends an empty name and password after a 401, and
// CodeCommit answers 403. Sent unasked, our password comes before that.
func TestProactiveAuthBesideEmptyAuth(t *testing.T) {
	t.Parallel()
	l := configured(t)
	l.login()
	r := l.run("", "git", "-c", "http.emptyAuth=true", "ls-remote", l.url)
	t.Logf("%v", r)
	if l.knowsProactiveAuth() != (r.status == 0) {
		t.Errorf("git that knows proactiveAuth: %v; %v", l.knowsProactiveAuth(), r)
	}
}
