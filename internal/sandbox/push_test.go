package sandbox

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPush(t *testing.T) {
	w, u, d := start(t)
	url := addRepository(t, w)
	s := getSession(t, u, d)
	g := newGitUser(t, w)
	g.as(*s.AccessKeyId+"%"+*s.SessionToken, gitPassword(*s.SecretAccessKey, exampleHost, "demo", time.Now()))
	g.wants("clone", "--quiet", url, "work")
	hook := filepath.Join(w.repository(Account, "us-east-1", "demo"), "hooks", "pre-receive")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\nenv >environment\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 1<<20) // past http.postBuffer, so that git sends chunks
	rand.Read(big)
	if err := os.WriteFile(filepath.Join(g.home, "work", "big"), big, 0o600); err != nil {
		t.Fatal(err)
	}
	g.wants("-C", "work", "add", "big")
	g.wants("-C", "work", "commit", "--quiet", "-m", "big")
	g.wants("-C", "work", "-c", "http.postBuffer=65536", "push", "--quiet")
	if out := g.wants("ls-remote", url, "main"); !strings.HasPrefix(out, strings.TrimSpace(g.wants("-C", "work", "rev-parse", "HEAD"))) {
		t.Error(out)
	}
	if n := w.Count(Git, "GitPush"); n < 2 {
		t.Errorf("%d requests of a push", n)
	}
	env, err := os.ReadFile(filepath.Join(filepath.Dir(hook), "..", "environment"))
	if err != nil || !strings.Contains(string(env), "REMOTE_USER=alice") || strings.Contains(strings.ToUpper(string(env)), "AUTHORIZATION") {
		t.Errorf("environment of http-backend: %v\n%s", err, env)
	}
	if left, _ := os.ReadDir(w.temporary()); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBackendIsGits(t *testing.T) {
	w, u, _ := start(t)
	url := addRepository(t, w)
	u.SetPolicies(w.policies[1])
	g := newGitUser(t, w).as(u.GitCredential())
	g.wants("ls-remote", url)
	// Only git http-backend knows this setting.
	if err := w.runGit("", "-C", w.repository(Account, "us-east-1", "demo"), "config", "http.uploadpack", "false"); err != nil {
		t.Fatal(err)
	}
	g.wants403(url)
	if log, _ := os.ReadFile(filepath.Join(w.dir, "sandbox.log")); !strings.Contains(string(log), "Service not enabled") {
		t.Errorf("log:\n%s", log)
	}
}
