//go:build unix

package cache

import (
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"
)

func init() {
	children["write"] = func(args []string) error {
		ring := fileRing{dir: args[0], passphrase: []byte("p"), cost: cost{8, 1, 1}}
		store := newStore(&ring, nil, nil)
		for size := 100; ; size = size*7%60_000 + 100 {
			if err := store.PutSession(aSession("A", size)); err != nil {
				return err
			}
		}
	}
}

// TestFileKilledWhileWriting: whenever the writer dies, there is the old session or the new one.
func TestFileKilledWhileWriting(t *testing.T) {
	dir := t.TempDir()
	store := files(t, dir, "p", nil)
	if err := store.PutSession(aSession("A", 9)); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		cmd := child(t, nil, "write", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(10+i*2) * time.Millisecond)
		_ = cmd.Process.Kill()
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Fatalf("the writer ended by itself: %v", err)
		}
		got, err := store.Session(anIdentity("A"))
		if err != nil || got != aSession("A", len(got.SessionToken)) {
			t.Fatalf("after %d kills: %v", i, err)
		}
	}
}

// TestFileTornReads: readers beside a writer see whole sessions.
func TestFileTornReads(t *testing.T) {
	dir := t.TempDir()
	ring := fileRing{dir: dir, passphrase: []byte("p"), cost: cost{8, 1, 1}}
	store := newStore(&ring, nil, nil)
	if err := store.PutSession(aSession("A", 9)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	cmd := child(t, nil, "write", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reads := 0
	for ctx.Err() == nil {
		got, err := store.Session(anIdentity("A"))
		if err != nil || got != aSession("A", len(got.SessionToken)) {
			t.Errorf("read %d: %v", reads, err)
			break
		}
		reads++
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if reads < 100 {
		t.Errorf("only %d reads", reads)
	}
}
