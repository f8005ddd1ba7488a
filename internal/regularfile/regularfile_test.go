package regularfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(t.Context(), file); string(got) != "text" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := Check(t.Context(), file); err != nil {
		t.Error(err)
	}
	if got, err := Read(t.Context(), os.DevNull); len(got) != 0 || err != nil {
		t.Errorf("the null device: %q, %v", got, err)
	}
	want(t, dir, ErrNotRegular)
	want(t, filepath.Join(dir, "none"), fs.ErrNotExist)
}

// want asks for the same error from both, one that names the file.
func want(t *testing.T, path string, want error) {
	t.Helper()
	_, err := Read(t.Context(), path)
	for _, err := range []error{err, Check(t.Context(), path)} {
		var named *fs.PathError
		if !errors.Is(err, want) || !errors.As(err, &named) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

func TestReadTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for size, want := range map[int64]error{MaxSize: nil, MaxSize + 1: ErrTooLarge} {
		file, err := os.Create(path)
		if err == nil {
			err = errors.Join(file.Truncate(size), file.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(t.Context(), path); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestWithin: a drive that is gone answers no system call at all.
func TestWithin(t *testing.T) {
	defer func(limit time.Duration) { timeLimit = limit }(timeLimit)
	timeLimit = 20 * time.Millisecond
	dead := make(chan struct{})
	defer close(dead)
	never := func() (int, error) { <-dead; return 1, nil }
	patience, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if got, err := Within(patience, never); got != 0 || !errors.Is(err, ErrTimeout) {
		t.Errorf("%d, %v", got, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Within(cancelled, never); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got, err := Within(t.Context(), func() (int, error) { return 2, fs.ErrExist }); got != 2 || err != fs.ErrExist {
		t.Errorf("%d, %v", got, err)
	}
}
