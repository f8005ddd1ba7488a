//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestShellClosed: the shell's prompt says sandbox. When its terminal is closed,
// nothing is left behind.
func TestShellClosed(t *testing.T) {
	program, cache := filepath.Join(t.TempDir(), "demo"), t.TempDir()
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "--shell")
	cmd.Env = append(os.Environ(), "SHELL=/bin/sh", "XDG_CACHE_HOME="+cache, "HOME="+cache)
	for _, setting := range []string{"GOCACHE", "GOMODCACHE"} {
		value, err := exec.Command("go", "env", setting).Output()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, setting+"="+string(bytes.TrimSpace(value)))
	}
	// Under nohup, the demo would inherit that SIGHUP is ignored.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	var shown []byte
	for b := make([]byte, 4096); !bytes.Contains(shown, []byte("(sandbox) ")); {
		n, err := terminal.Read(b)
		if shown = append(shown, b[:n]...); err != nil {
			t.Fatalf("%v\n%s", err, shown)
		}
	}
	terminal.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("it goes on without its terminal")
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "git-credential-mfa-demo-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
