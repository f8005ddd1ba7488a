package cache

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// TestFileTampered turns a bit of every byte: never an answer that was not stored, never an error but the known ones.
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

// TestFileCostIsBounded: a planted file must not make us take all memory, nor panic.
func TestFileCostIsBounded(t *testing.T) {
	for _, c := range []string{
		`"memory_kib":4294967295,"time":1,"threads":1`, `"memory_kib":8,"time":4294967295,"threads":1`,
		`"memory_kib":8,"time":0,"threads":1`, `"memory_kib":8,"time":1,"threads":0`, `"memory_kib":0,"time":1,"threads":1`,
		`"memory_kib":-1,"time":1,"threads":1`, `"memory_kib":8,"time":1,"threads":256`,
	} {
		file := `{"v":1,"kdf":"argon2id","cost":{` + c + `},"salt":"AAAAAAAAAAAAAAAAAAAAAA==",` +
			`"check":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","nonce":"AAAA","data":"AAAA"}`
		start := time.Now()
		if _, err := unseal([]byte("p"), "n", []byte(file)); !errors.Is(err, errUnreadable) {
			t.Errorf("%s: %v", c, err)
		}
		if time.Since(start) > time.Second {
			t.Errorf("%s: took %v", c, time.Since(start))
		}
	}
}

func FuzzUnseal(f *testing.F) {
	good, _ := seal([]byte("p"), "n", []byte("data"), cost{8, 1, 1})
	f.Add(good)
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 4096 || bytes.Contains(file, []byte(`000`)) {
			return // large costs are bounded, but slow
		}
		if data, err := unseal([]byte("p"), "n", file); err == nil && string(data) != "data" {
			t.Error("a forged file opens")
		}
	})
}
