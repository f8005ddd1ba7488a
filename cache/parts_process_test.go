package cache

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// sharedKey is the item that all processes of these tests write; Clear would
// remove it.
const sharedKey = checkPrefix + "shared"

func init() {
	// fill writes the item args[1] times, each time all of one letter, of another
	// size.
	children["fill"] = func(args []string) error {
		ring, _, err := sharedRing(args[0])
		if err != nil {
			return err
		}
		times, _ := strconv.Atoi(args[1])
		for range times {
			item := filled(string(rune('a'+rand.IntN(26))), sizes[2+rand.IntN(len(sizes)-2)])
			item.Key = sharedKey
			if err := ring.Set(item); err != nil {
				return err
			}
			if err := whole(ring); err != nil {
				return err
			}
			fmt.Println("written")
			time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond) // those who wait look every 25 ms
		}
		return nil
	}
	// watch reads the item until the file args[1] is there.
	children["watch"] = func(args []string) error {
		ring, _, err := sharedRing(args[0])
		if err != nil {
			return err
		}
		for {
			if err := whole(ring); err != nil {
				return err
			}
			if _, err := os.Stat(args[1]); err == nil {
				return nil
			}
		}
	}
}

// whole reads the item, which is torn unless it is all of one letter.
func whole(ring keyring.Keyring) error {
	item, err := ring.Get(sharedKey)
	if err != nil {
		return err
	}
	if !slices.Contains(sizes, len(item.Data)) || len(bytes.Trim(item.Data, string(item.Data[:1]))) != 0 {
		return fmt.Errorf("torn: %d bytes", len(item.Data))
	}
	return nil
}

// wantEntries checks what the keyring below holds of the item.
func wantEntries(t *testing.T, below keyring.Keyring, want int) {
	t.Helper()
	keys, err := below.Keys()
	keys = slices.DeleteFunc(keys, func(key string) bool { return itemName(key) != sharedKey })
	if len(keys) != want || err != nil {
		t.Errorf("%d entries, want %d: %v, %v", len(keys), want, keys, err)
	}
}

// startShared returns a keyring in parts with one item in it, and the keyring
// below it.
func startShared(t *testing.T, dir string) (ring, below keyring.Keyring) {
	t.Helper()
	ring, below, err := sharedRing(dir)
	if err == nil {
		item := filled("a", 20000)
		item.Key = sharedKey
		err = ring.Set(item)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ring.Remove(sharedKey) })
	return ring, below
}

// TestPartsInParallel: 12 processes write the item while 3 others read it. None
// sees a torn one or none, and of all that was written only the last item is
// left.
func TestPartsInParallel(t *testing.T) {
	dir := t.TempDir()
	ring, below := startShared(t, dir)
	done := filepath.Join(dir, "done")
	watchers := make(chan struct{})
	go func() {
		together(t, 3, func(int) *exec.Cmd { return child(t, sharedEnv(dir), "watch", dir, done) })
		close(watchers)
	}()
	together(t, 12, func(int) *exec.Cmd { return child(t, sharedEnv(dir), "fill", dir, "6") })
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	<-watchers
	item, err := ring.Get(sharedKey)
	if err != nil {
		t.Fatal(err)
	}
	wantEntries(t, below, 1+partsOf(len(item.Data)))
	if err := ring.Remove(sharedKey); err != nil {
		t.Error(err)
	}
	wantEntries(t, below, 0)
}

// TestPartsKilled kills a writer at any moment: there is a whole item after it,
// the lock is free, and what it left half written goes with the next writing or
// removal.
func TestPartsKilled(t *testing.T) {
	dir := t.TempDir()
	ring, below := startShared(t, dir)
	for round := range 8 {
		writer := child(t, sharedEnv(dir), "fill", dir, "100000")
		out, err := writer.StdoutPipe()
		if err == nil {
			err = writer.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatalf("round %d: it wrote nothing: %q, %v", round, line, err)
		}
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		_ = writer.Process.Kill()
		_ = writer.Wait()
		if err := whole(ring); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if round%2 == 0 {
			continue
		}
		item := filled("z", 4096)
		item.Key = sharedKey
		if err := ring.Set(item); err != nil {
			t.Error(err)
		}
		wantEntries(t, below, 1+partsOf(4096))
	}
	if err := ring.Remove(sharedKey); err != nil && !errors.Is(err, keyring.ErrKeyNotFound) {
		t.Error(err)
	}
	wantEntries(t, below, 0)
}
