//go:build unix

package cache

import (
	"context"
	"errors"
	"os"
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

// TestFileKilledWhileWriting: whenever the writer dies, there is the old
// session or the new one.
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

// TestFileSweepsTemporaryFiles: what the dead have left is removed at the next
// write and the next logout, what the living are writing is not.
func TestFileSweepsTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	store := files(t, dir, "p", nil)
	for name, do := range map[string]func() error{
		"write":  func() error { return store.PutSession(aSession("A", 9)) },
		"logout": func() error { return store.RemoveSession(anIdentity("A")) },
	} {
		living, err := newTemp(dir, "living")
		if err != nil {
			t.Fatal(err)
		}
		dead, err := newTemp(dir, "dead")
		if err != nil {
			t.Fatal(err)
		}
		_ = dead.Close() // the kernel does that too, when a process dies
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dead.Name()); err == nil {
			t.Errorf("%s: a dead process's file was left", name)
		}
		if _, err := os.Stat(living.Name()); err != nil {
			t.Errorf("%s: a file that is being written was removed", name)
		}
		_ = living.Close()
	}
}

// TestFileUnclaimed: a temporary file that a sweep took at once is not written to.
func TestFileUnclaimed(t *testing.T) {
	dir := t.TempDir()
	temp, err := os.CreateTemp(dir, tempPrefix)
	if err != nil {
		t.Fatal(err)
	}
	defer temp.Close()
	sweep(dir)
	if claim(temp) {
		t.Error("a file without a name was claimed")
	}
}
