package keychain

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

func put(t *testing.T, k *Keychain, key string, data []byte) {
	t.Helper()
	if err := k.Set(keyring.Item{Key: key, Data: data, Label: "a label", Description: "a session"}); err != nil {
		t.Fatalf("Set %q: %v", key, err)
	}
}

func TestRoundTrip(t *testing.T) {
	k, _ := opened(t)
	for _, size := range []int{0, 1, 500, 4096, 20_000, 70_000} {
		for _, fill := range []string{"a", "b"} { // new, then in place of the one before
			want := bytes.Repeat([]byte(fill), size)
			put(t, k, fmt.Sprint(size), want)
			item, err := k.Get(fmt.Sprint(size))
			if err != nil || !bytes.Equal(item.Data, want) {
				t.Errorf("%d bytes: %d, %v", size, len(item.Data), err)
			}
		}
	}
	if err := k.Remove("500"); err != nil {
		t.Error(err)
	}
	if _, err := k.Get("500"); err != keyring.ErrKeyNotFound {
		t.Errorf("after Remove: %v", err)
	}
	if err := k.Remove("500"); err != keyring.ErrKeyNotFound {
		t.Errorf("removing what is not there: %v", err)
	}
}

// Only our own items are listed, read or removed.
func TestKeys(t *testing.T) {
	k, f := opened(t)
	if keys, err := k.Keys(); len(keys) != 0 || err != nil {
		t.Errorf("empty: %q, %v", keys, err)
	}
	other := f.open(t, "somebody else")
	put(t, other, "a", []byte("theirs"))
	for _, key := range []string{"a", "b", "セッション", ""} {
		put(t, k, key, []byte("ours"))
	}
	keys, err := k.Keys()
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"", "a", "b", "セッション"}) || err != nil {
		t.Errorf("%q, %v", keys, err)
	}
	for _, key := range keys {
		if err := k.Remove(key); err != nil {
			t.Error(err)
		}
	}
	if item, err := other.Get("a"); string(item.Data) != "theirs" || err != nil {
		t.Errorf("another's item: %q, %v", item.Data, err)
	}
}

func TestNotUTF8(t *testing.T) {
	k, _ := opened(t)
	for _, key := range []string{"\xff", "a\xc0\x80", "a\xe3\x81"} {
		_, get := k.Get(key)
		for _, err := range []error{get, k.Set(keyring.Item{Key: key}), k.Set(keyring.Item{Key: "a", Label: key}), k.Remove(key)} {
			if !errors.Is(err, errText) {
				t.Errorf("%q: %v", key, err)
			}
		}
	}
}

func TestHang(t *testing.T) {
	k, f := opened(t)
	put(t, k, "a", []byte("ours"))
	k.limit = 50 * time.Millisecond
	f.set("hang", 1)
	start := time.Now()
	_, get := k.Get("a")
	_, keys := k.Keys()
	for what, err := range map[string]error{"Get": get, "Keys": keys, "Set": k.Set(keyring.Item{Key: "a"}), "Remove": k.Remove("b")} {
		if !errors.Is(err, words.Timeout) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("four operations took %v", took)
	}
	f.set("hang", 0)
	for range 200 { // what was left behind gives back its references too
		if f.live() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestManyCalls(t *testing.T) {
	k, _ := opened(t)
	for i := range 1500 {
		key, want := fmt.Sprint("item ", i%7), bytes.Repeat([]byte{byte(i)}, i)
		put(t, k, key, want)
		if item, err := k.Get(key); err != nil || !bytes.Equal(item.Data, want) {
			t.Fatalf("%d: %d bytes, %v", i, len(item.Data), err)
		}
		if keys, err := k.Keys(); len(keys) == 0 || err != nil {
			t.Fatalf("%d: %q, %v", i, keys, err)
		}
		if i%3 == 0 {
			if err := k.Remove(key); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNoLibrary(t *testing.T) {
	_, f := opened(t)
	for _, libraries := range []Libraries{Apple, {f.path, "/nowhere/Security"}, {f.path, "libm.so.6"}} {
		if _, err := Open(t.Context(), libraries, "git-credential-mfa", time.Second, words); !errors.Is(err, words.Unavailable) {
			t.Errorf("%v: %v", libraries, err)
		}
	}
}
