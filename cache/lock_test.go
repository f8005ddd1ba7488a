package cache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func init() {
	// hold takes the lock, starts a program as askpass would be, and waits to be
	// killed.
	children["hold"] = func(args []string) error {
		if _, err := Lock(context.Background(), args[0], anIdentity("A")); err != nil {
			return err
		}
		exe, _ := os.Executable()
		program := exec.Command(exe)
		program.Env = []string{childRole + "=sleep"}
		if err := program.Start(); err != nil {
			return err
		}
		fmt.Println(program.Process.Pid)
		time.Sleep(time.Minute)
		return nil
	}
	children["sleep"] = func([]string) error { time.Sleep(20 * time.Second); return nil }
	// count adds to a number in a file, slowly enough to lose some without a lock.
	children["count"] = func(args []string) error {
		for range 5 {
			held, err := Lock(context.Background(), args[0], anIdentity("A"))
			if err != nil {
				return err
			}
			text, _ := os.ReadFile(args[1])
			n, _ := strconv.Atoi(string(text))
			time.Sleep(time.Millisecond)
			if err := os.WriteFile(args[1], []byte(strconv.Itoa(n+1)), 0o600); err != nil {
				return err
			}
			held.Unlock()
		}
		return nil
	}
}

// tryLock waits for a short while only.
func tryLock(dir, source string, limit time.Duration) (*Held, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return Lock(ctx, dir, anIdentity(source))
}

func TestLockExcludes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "number")
	together(t, 8, func(int) *exec.Cmd { return child(t, nil, "count", dir, file) })
	if got, err := os.ReadFile(file); string(got) != "40" {
		t.Errorf("counted %s of 40, %v", got, err)
	}
}

// TestLockOfRemovedFile: what a cleaner of cache folders does between the open
// and the lock, which is too short a time to meet by chance.
func TestLockOfRemovedFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be removed")
	}
	path := filepath.Join(t.TempDir(), "a.lock")
	lock := flock.New(path)
	if ok, err := lock.TryLock(); !ok || err != nil || !current(lock, path) {
		t.Fatalf("%v, %v", ok, err)
	}
	defer func() { _ = lock.Unlock() }()
	_ = os.Remove(path)
	if current(lock, path) {
		t.Error("the file is gone")
	}
	_ = os.WriteFile(path, nil, 0o600)
	if current(lock, path) {
		t.Error("it is another file")
	}
	// Who waited for the old file takes the new one, which all others find.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got := make(chan *Held)
	first, err := lockFile(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		second, _ := lockFile(ctx, path)
		got <- second
	}()
	time.Sleep(4 * lockPoll)
	_ = os.Remove(path)
	first.Unlock()
	second := <-got
	defer second.Unlock()
	soon, cancel := context.WithTimeout(t.Context(), 4*lockPoll)
	defer cancel()
	if _, err := lockFile(soon, path); second == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("two hold the lock: %v, %v", second, err)
	}
}

func TestLockOfTheDeadIsFree(t *testing.T) {
	dir := t.TempDir()
	holder := child(t, nil, "hold", dir)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	program, _ := os.FindProcess(pid)
	defer func() { _ = program.Kill() }()
	if _, err := tryLock(dir, "A", 200*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it lives: %v", err)
	}
	if other, err := tryLock(dir, "B", time.Second); err != nil {
		t.Errorf("another identity's: %v", err)
	} else {
		other.Unlock()
	}
	_ = holder.Process.Kill()
	_ = holder.Wait()
	held, err := tryLock(dir, "A", 5*time.Second)
	if err != nil {
		t.Fatalf("its program, which lives on, has inherited the lock: %v", err)
	}
	held.Unlock()
}

func TestLockIsCancelled(t *testing.T) {
	dir := t.TempDir()
	held, err := tryLock(dir, "A", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Lock(ctx, dir, anIdentity("A")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	held.Unlock()
	held.Unlock()
	(*Held)(nil).Unlock()
	if again, err := tryLock(dir, "A", time.Second); err != nil {
		t.Error(err)
	} else {
		again.Unlock()
	}
	if _, err := tryLock(filepath.Join(dir, "gone"), "A", time.Second); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func TestRefusal(t *testing.T) {
	dir := t.TempDir()
	held, err := tryLock(dir, "A", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := held.Refusal(); ok {
		t.Error("there is none yet")
	}
	before := time.Now()
	if err := held.NoteRefusal("cancelled"); err != nil {
		t.Fatal(err)
	}
	held.Unlock()
	held, err = tryLock(dir, "A", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Unlock()
	at, reason, ok := held.Refusal()
	if !ok || reason != "cancelled" || at.Before(before.Add(-time.Second)) || at.After(time.Now()) {
		t.Errorf("%v %q %v", at, reason, ok)
	}
	other, err := tryLock(dir, "B", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := other.Refusal(); ok {
		t.Error("it is another identity's")
	}
	other.Unlock()
	future := fmt.Sprintf(`{"at":%q,"reason":"x"}`, time.Now().Add(time.Hour).Format(time.RFC3339))
	for _, text := range []string{"", "{", "{}", "null", future} {
		_ = os.WriteFile(held.refusalPath(), []byte(text), 0o600)
		if _, _, ok := held.Refusal(); ok {
			t.Errorf("%s is none", text)
		}
	}
	held.ClearRefusal()
	held.ClearRefusal()
	if entries, _ := filepath.Glob(filepath.Join(dir, "*.refused")); len(entries) != 0 {
		t.Errorf("left: %v", entries)
	}
}
