package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// A read-only file is replaced, as git does it; one that is held is waited
// for, and then told of.
func TestRename(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	write := func(file, text string, mode os.FileMode) {
		t.Helper()
		err := os.WriteFile(file, []byte(text), 0o600)
		if err == nil {
			err = os.Chmod(file, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	replaced := func() bool {
		text, err := os.ReadFile(to)
		return err == nil && string(text) == "new"
	}
	write(from, "new", 0o400)
	write(to, "old", 0o400)
	if err := Rename(from, to); err != nil || !replaced() {
		t.Error("read-only: ", err)
	}
	write(from, "new", 0o600)
	_ = os.Chmod(to, 0o600)
	write(to, "old", 0o600)
	held := hold(t, to)
	time.AfterFunc(200*time.Millisecond, func() { _ = windows.CloseHandle(held) })
	if err := Rename(from, to); err != nil || !replaced() {
		t.Error("held for a moment: ", err)
	}
	write(from, "newer", 0o600)
	held = hold(t, to)
	defer func() { _ = windows.CloseHandle(held) }()
	if err := Rename(from, to); !errors.Is(err, ErrHeld) || !replaced() {
		t.Error("held: ", err)
	}
}
