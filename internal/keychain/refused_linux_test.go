package keychain

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// What is locked or denied is not absent.
func TestRefused(t *testing.T) {
	k, f := opened(t)
	put(t, k, "a", []byte("ours"))
	f.set("locked", 1)
	_, get := k.Get("a")
	for what, err := range map[string]error{"Get": get, "Set": k.Set(keyring.Item{Key: "a"}), "Set of a new one": k.Set(keyring.Item{Key: "b"})} {
		if !errors.Is(err, words.Locked) || !strings.Contains(err.Error(), "errSecInteractionNotAllowed (-25308)") {
			t.Errorf("locked, %s: %v", what, err)
		}
	}
	if keys, err := k.Keys(); !slices.Equal(keys, []string{"a"}) || err != nil {
		t.Errorf("locked, Keys: %q, %v", keys, err)
	}
	f.set("locked", 0)
	f.set("foreign", 1)
	if _, err := k.Get("a"); !errors.Is(err, words.Denied) || errors.Is(err, words.Locked) {
		t.Errorf("denied: %v", err)
	}
	f.set("foreign", 0)
	if item, err := k.Get("a"); string(item.Data) != "ours" || err != nil {
		t.Errorf("after all that: %q, %v", item.Data, err)
	}
}

// A keychain that calls itself open, and takes nothing, keeps what it has.
func TestFeignedOpen(t *testing.T) {
	k, f := opened(t)
	put(t, k, "a", []byte("ours"))
	f.set("feigned", 1)
	if err := k.Set(keyring.Item{Key: "a", Data: []byte("lost")}); !errors.Is(err, words.Locked) {
		t.Errorf("Set: %v", err)
	}
	f.set("feigned", 0)
	if item, err := k.Get("a"); string(item.Data) != "ours" || err != nil {
		t.Errorf("afterwards: %q, %v", item.Data, err)
	}
	if keys, err := k.Keys(); !slices.Equal(keys, []string{"a"}) || err != nil {
		t.Errorf("left behind: %q, %v", keys, err)
	}
}

// Every status of a refusal is one, and none of them absence.
func TestStatus(t *testing.T) {
	k, f := opened(t)
	for status, want := range map[Status]error{
		itemNotFound: keyring.ErrKeyNotFound,
		authFailed:   words.Locked, interactionNotAllowed: words.Locked, interactionRequired: words.Locked,
		userCanceled: words.Locked, noAccessForItem: words.Locked,
		noDefaultKeychain: words.Unavailable, noSuchKeychain: words.Unavailable, notAvailable: words.Unavailable,
		-50: Status(-50),
	} {
		f.set("locked", 1)
		f.set("status", int32(status))
		_, err := k.Get("a")
		if !errors.Is(err, want) {
			t.Errorf("Get, %v: %v", status, err)
		}
		if err := k.Remove("a"); status != itemNotFound && !errors.Is(err, want) {
			t.Errorf("Remove, %v: %v", status, err)
		}
		if _, err := k.Keys(); status != itemNotFound && !errors.Is(err, want) {
			t.Errorf("Keys, %v: %v", status, err)
		}
	}
}

// An earlier build's item is replaced: whether this one may write it, which does not make it readable, or not. If it
// can't be removed either, that is an error.
func TestReplaceAnotherBuilds(t *testing.T) {
	for _, update := range []int32{0, 1} {
		k, f := opened(t)
		put(t, k, "a", []byte("the earlier build's"))
		f.set("foreign", 1)
		f.set("update", update)
		f.set("delete", int32(authFailed))
		if err := k.Set(keyring.Item{Key: "a", Data: []byte("ours")}); !errors.Is(err, words.Locked) {
			t.Errorf("update %d, not to be removed: %v", update, err)
		}
		f.set("delete", 0)
		put(t, k, "a", []byte("ours"))
		if item, err := k.Get("a"); string(item.Data) != "ours" || err != nil {
			t.Errorf("update %d: %q, %v", update, item.Data, err)
		}
	}
}
