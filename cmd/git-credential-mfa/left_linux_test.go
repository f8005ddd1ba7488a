package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Nothing is left running: no dbus-daemon, no helper, no askpass.
func TestNothingIsLeftRunning(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.secretService()
	l.setenv("LEFT_BY", l.home)
	l.askpass()
	l.phone()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for range 3 {
		if r := wait(t, l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), "git-credential-mfa", "get")); !answered(r) {
			t.Fatal(r)
		}
	}
	l.noneLeft()
}

// noneLeft waits for the processes of this lab to end, and names those that do
// not.
func (l *lab) noneLeft() {
	l.t.Helper()
	var left []string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if left = l.processes(); len(left) == 0 {
			return
		}
	}
	l.t.Errorf("still running: %v", left)
}

// processes returns the names of those that carry LEFT_BY of this lab.
func (l *lab) processes() (names []string) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		l.t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("LEFT_BY="+l.home)) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
			names = append(names, string(bytes.TrimSpace(name)))
		}
	}
	return names
}
