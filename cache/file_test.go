package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

func files(t *testing.T, dir, passphrase string, trace func(string, ...any)) *Store {
	t.Helper()
	store, err := Open(context.Background(), Options{
		Backend: "file", Dir: dir, Passphrase: []byte(passphrase), Trace: trace,
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "keyring")
	store := files(t, dir, "open sesame", nil)
	if err := store.PutSession(aSession("A", 100)); err != nil {
		t.Fatal(err)
	}
	if store.Backend() != "file" {
		t.Errorf("Backend = %s", store.Backend())
	}
	path := filepath.Join(dir, sessionKey(anIdentity("A"))+fileSuffix)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Long enough not to stand in base64 by chance.
	if bytes.Contains(data, []byte("ASIAEXAMPLE")) || bytes.Contains(data, []byte("123456789012")) {
		t.Error("the file is in the clear")
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{path: 0o600, dir: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// TestFileWrongPassphrase: never taken for an empty keyring, and nothing is
// lost by it.
func TestFileWrongPassphrase(t *testing.T) {
	dir := t.TempDir()
	right, wrong := files(t, dir, "right", nil), files(t, dir, "wrong", nil)
	if err := right.PutSession(aSession("A", 60)); err != nil {
		t.Fatal(err)
	}
	_, one := wrong.Session(anIdentity("A"))
	_, list := wrong.Sessions()
	for _, err := range []error{one, list, wrong.PutSession(aSession("A", 99))} {
		if !errors.Is(err, ErrPassphrase) || errors.Is(err, ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
	if got, err := right.Session(anIdentity("A")); got != aSession("A", 60) || err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := wrong.Clear(); err != nil {
		t.Errorf("who forgot it can't log out: %v", err)
	}
}

func TestFileSwapped(t *testing.T) {
	dir := t.TempDir()
	var trace strings.Builder
	store := files(t, dir, "p", func(format string, args ...any) { fmt.Fprintf(&trace, format, args...) })
	for _, source := range []string{"A", "B"} {
		if err := store.PutSession(aSession(source, 60)); err != nil {
			t.Fatal(err)
		}
	}
	name := func(source string) string { return filepath.Join(dir, sessionKey(anIdentity(source))+fileSuffix) }
	if err := os.Rename(name("B"), name("A")); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Session(anIdentity("A")); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if !strings.Contains(trace.String(), "another item's") {
		t.Errorf("the encryption itself should have told: %s", &trace)
	}
}

func TestFileNamesStayInside(t *testing.T) {
	ring := &fileRing{dir: t.TempDir(), passphrase: []byte("p"), cost: usualCost}
	for _, key := range []string{"../x", "a/b", `a\b`, "a.b", "A", "a:b", "a\x00"} {
		if err := ring.Set(keyring.Item{Key: key}); err == nil {
			t.Errorf("%q was written", key)
		}
	}
}

func TestFileInParallel(t *testing.T) {
	dir := t.TempDir()
	together(t, 30, func(i int) *exec.Cmd {
		return child(t, nil, "rewrite", "file", fmt.Sprint("own", i), dir)
	})
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 31 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

// TestFileDerivesOnce: a process derives the key of a file that it reads again,
// or has written, only once; what it writes has a key of its own.
func TestFileDerivesOnce(t *testing.T) {
	ring := &fileRing{dir: t.TempDir(), passphrase: []byte("p"), cost: cost{Memory: 8, Time: 1, Threads: 1}}
	for range 2 {
		if err := ring.Set(keyring.Item{Key: "a", Data: []byte("what was stored")}); err != nil {
			t.Fatal(err)
		}
	}
	if len(ring.keys.all) != 2 {
		t.Errorf("%d keys for what was written twice", len(ring.keys.all))
	}
	ring.passphrase = nil // no further key can be derived from it
	if item, err := ring.Get("a"); err != nil || string(item.Data) != "what was stored" {
		t.Errorf("%q, %v", item.Data, err)
	}
}

func BenchmarkFileGet(b *testing.B) {
	ring := fileRing{dir: b.TempDir(), passphrase: []byte("p"), cost: usualCost}
	if err := ring.Set(keyring.Item{Key: "a", Data: make([]byte, 2048)}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ring.keys.all = nil // as in a new process
		if _, err := ring.Get("a"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFileTampered turns a bit of every byte: never an answer that was not
// stored, never an error but the known ones.
func TestFileTampered(t *testing.T) {
	ring := &fileRing{dir: t.TempDir(), passphrase: []byte("p"), cost: cost{Memory: 8, Time: 1, Threads: 1}}
	item := keyring.Item{Key: "session-a", Data: []byte("what was stored")}
	if err := ring.Set(item); err != nil {
		t.Fatal(err)
	}
	path, _ := ring.path(item.Key)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ring.Get(item.Key)
		if err == nil && !bytes.Equal(got.Data, item.Data) {
			t.Fatalf("byte %d: a changed file answers", i)
		}
		if err != nil && !errors.Is(err, errUnreadable) && !errors.Is(err, ErrPassphrase) {
			t.Fatalf("byte %d: %v", i, err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, bad) {
			t.Fatalf("byte %d: reading changed the file", i)
		}
	}
}

// TestFileCostIsBounded: a planted file must not make us take all memory, nor
// panic.
func TestFileCostIsBounded(t *testing.T) {
	ring := &fileRing{passphrase: []byte("p")}
	for _, c := range []string{
		`"memory_kib":4294967295,"time":1,"threads":1`, `"memory_kib":8,"time":4294967295,"threads":1`,
		`"memory_kib":8,"time":0,"threads":1`, `"memory_kib":8,"time":1,"threads":0`, `"memory_kib":0,"time":1,"threads":1`,
		`"memory_kib":-1,"time":1,"threads":1`, `"memory_kib":8,"time":1,"threads":256`,
	} {
		file := `{"v":1,"kdf":"argon2id","cost":{` + c + `},"salt":"AAAAAAAAAAAAAAAAAAAAAA==",` +
			`"check":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","nonce":"AAAA","data":"AAAA"}`
		start := time.Now()
		if _, err := ring.unseal("n", []byte(file)); !errors.Is(err, errUnreadable) {
			t.Errorf("%s: %v", c, err)
		}
		if time.Since(start) > time.Second {
			t.Errorf("%s: took %v", c, time.Since(start))
		}
	}
}

func FuzzUnseal(f *testing.F) {
	good, _ := (&fileRing{passphrase: []byte("p"), cost: cost{8, 1, 1}}).seal("n", []byte("data"))
	f.Add(good)
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 4096 || bytes.Contains(file, []byte(`000`)) {
			return // large costs are bounded, but slow
		}
		ring := &fileRing{passphrase: []byte("p")}
		if data, err := ring.unseal("n", file); err == nil && string(data) != "data" {
			t.Error("a forged file opens")
		}
	})
}
