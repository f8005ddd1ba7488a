//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A password manager puts a named pipe in the place of ~/.netrc and writes the
// password into it once, for curl. doctor leaves it there.
func TestDoctorLeavesPipesAlone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pipe := filepath.Join(l.home, ".netrc")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	manager, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	const secret = "machine git.example.com login alice password secret"
	if _, err := manager.WriteString(secret); err != nil {
		t.Fatal(err)
	}
	if r := l.run("", "git-credential-mfa", "doctor", "--offline", l.url); !strings.Contains(r.stdout, "CCM") || r.took > slack*15*time.Second {
		t.Error(r)
	}
	_ = manager.SetReadDeadline(time.Now().Add(time.Second))
	left := make([]byte, 2*len(secret))
	if n, err := manager.Read(left); string(left[:n]) != secret {
		t.Errorf("left in the pipe: %q, %v", left[:n], err)
	}
}

// git waits without end for a pipe in the place of ~/.gitconfig. configure and
// doctor end and name it.
func TestPipeForGitconfig(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pipe := filepath.Join(l.home, ".gitconfig")
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	commands := [][]string{{"configure"}, {"unconfigure"}}
	if slowTests { // each of its questions to git has its limit
		commands = append(commands, []string{"doctor", "--offline", l.url})
	}
	for _, args := range commands {
		r := l.run("", "git-credential-mfa", args...)
		if r.status != 1 || !strings.Contains(r.stdout+r.stderr, ".gitconfig: a named pipe") || r.took > slack*15*time.Second {
			t.Errorf("%v: %v", args, r)
		}
		if args[0] != "doctor" && !strings.Contains(r.stderr, "hint: replace it with a file, or delete it; to see what it is") {
			t.Errorf("%v: no hint: %v", args, r)
		}
	}
}
