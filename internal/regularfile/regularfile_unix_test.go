//go:build unix

package regularfile

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestReadNotRegular(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, path := range []string{pipe, link, socket.Addr().String(), "/dev/zero", "/dev/tty"} {
		want(t, path, ErrNotRegular)
	}
	null := filepath.Join(dir, "null")
	if err := os.Symlink(os.DevNull, null); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(t.Context(), null); len(got) != 0 || err != nil {
		t.Errorf("a link to the null device: %q, %v", got, err)
	}
}

// TestPipeIsLeftAlone: password managers give a secret out of a named pipe, once.
func TestPipeIsLeftAlone(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	both, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer both.Close()
	if _, err := both.WriteString("once"); err != nil {
		t.Fatal(err)
	}
	want(t, pipe, ErrNotRegular)
	got := make([]byte, 8)
	if n, err := both.Read(got); string(got[:n]) != "once" {
		t.Errorf("left in the pipe: %q, %v", got[:n], err)
	}
}

// TestPipeInItsPlace: a pipe that comes between the look and the opening.
func TestPipeInItsPlace(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Within(t.Context(), func() ([]byte, error) { return readRegular(pipe) })
	if !errors.Is(err, ErrNotRegular) {
		t.Error(err)
	}
}
