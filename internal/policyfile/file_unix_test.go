//go:build unix

package policyfile

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPipe: a pipe that nobody writes to, or whose writer falls silent, does
// not hold up a doctor.
func TestPipe(t *testing.T) {
	defer func(limit time.Duration) { pipeLimit = limit }(pipeLimit)
	pipeLimit = 50 * time.Millisecond
	name := filepath.Join(t.TempDir(), "pipe.json")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip(err)
	}
	read := func() error {
		done := make(chan error, 1)
		go func() {
			_, err := Sources{Policies: []string{name}}.Read()
			done <- err
		}()
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Second):
			t.Fatal("it waits for ever")
		}
		return nil
	}
	if err := read(); err == nil || !strings.Contains(err.Error(), "no program writes to this pipe") {
		t.Errorf("%v", err)
	}
	silent, err := syscall.Open(name, syscall.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(silent)
	if err := read(); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("%v", err)
	}
	pipeLimit = 5 * time.Second
	if _, err := syscall.Write(silent, []byte(deny)); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, func() { syscall.Close(silent) })
	if err := read(); err != nil {
		t.Errorf("%v", err)
	}
}
