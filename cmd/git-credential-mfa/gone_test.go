//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyringtest"
)

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
	if r := l.get(); !answered(r) || r.took > slack*5*time.Second {
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
	case <-time.After(slack * 10 * time.Second):
		t.Error("the helper still waits for an answer that nobody will read")
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
	if _ = cmd.Wait(); time.Since(start) > slack*10*time.Second {
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

// A git that is killed half-way takes its helper along, and the next git is
// served.
func TestGitKilled(t *testing.T) {
	t.Parallel()
	keyringtest.Need(t, "ps")
	l := newLab(t)
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\necho $PPID >'"+l.home+"/asked'\nexec sleep 300\n"))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	git := l.command(ctx, nil, "git", "clone", "--quiet", l.url, "killed")
	if err := git.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(l.home, "asked"))
	helper, err := strconv.Atoi(strings.TrimSpace(l.note("asked")))
	if err != nil {
		t.Fatal(err)
	}
	// Every git from the first one down to the helper, which is left alone.
	var gits []int
	for pid := helper; pid != git.Process.Pid && pid > 1; {
		out, err := exec.Command("ps", "-o", "ppid=", "-p", strconv.Itoa(pid)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if pid, err = strconv.Atoi(strings.TrimSpace(string(out))); err != nil {
			t.Fatal(err)
		}
		gits = append(gits, pid)
	}
	for _, pid := range gits {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	_ = git.Wait()
	for end := time.Now().Add(10 * time.Second); syscall.Kill(helper, 0) == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the helper is still there")
		}
	}
	l.askpass()
	l.phone()
	if r := l.run("", "git", "clone", "--quiet", l.url, "next"); r.status != 0 {
		t.Error(r)
	}
}

// logout --all, while somebody is asked for a code, says so and forgets
// nothing half.
func TestLogoutDuringLogin(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.login()
	l.setenv("GIT_ASKPASS", l.write("askpass", "#!/bin/sh\necho $$ >'"+l.home+"/asked'\nexec sleep 300\n"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	login := l.command(ctx, nil, "git-credential-mfa", "login", "--refresh")
	if err := login.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(l.home, "asked"))
	for _, args := range [][]string{{"logout"}, {"logout", "--all"}} {
		r := l.run("", "git-credential-mfa", args...)
		if r.status != 1 || r.took > slack*5*time.Second || !strings.Contains(r.stderr, "still asking for the MFA code") || !strings.Contains(r.stderr, "hint: ") {
			t.Error(r)
		}
		l.stillHeld()
	}
	cancel()
	_ = login.Wait()
	if r := l.run("", "git-credential-mfa", "logout", "--all"); r.status != 0 {
		t.Error(r)
	}
}
