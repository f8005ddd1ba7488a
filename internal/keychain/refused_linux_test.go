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
		if !errors.Is(err, words.Locked) || !strings.Contains(err.Error(), "errSecAuthFailed (-25293)") {
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

// Another build's item is replaced by a new one and never written to, whether its
// program has this one's file name or another. If it can't be removed either, it
// stays as it is, and is named.
func TestReplaceAnotherBuilds(t *testing.T) {
	for _, foreign := range []int32{1, 2} {
		k, f := opened(t)
		put(t, k, "a", []byte("the earlier build's"))
		f.set("foreign", foreign)
		f.set("delete", int32(invalidOwnerEdit))
		if err := k.Set(keyring.Item{Key: "a", Data: []byte("ours")}); !errors.Is(err, errKept) {
			t.Errorf("foreign %d, not to be removed: %v", foreign, err)
		}
		if err := k.Remove("a"); !errors.Is(err, errKept) || !strings.Contains(err.Error(), "git-credential-mfa a") {
			t.Errorf("foreign %d, Remove: %v", foreign, err)
		}
		f.set("delete", 0)
		put(t, k, "a", []byte("ours"))
		if item, err := k.Get("a"); string(item.Data) != "ours" || err != nil {
			t.Errorf("foreign %d: %q, %v", foreign, item.Data, err)
		}
	}
}

// The item with which a build tries whether the keychain takes items can be
// left behind by another one.
func TestTrialOfAnotherBuild(t *testing.T) {
	k, f := opened(t)
	put(t, k, "a", []byte("the earlier build's"))
	put(t, k, "a (try)", []byte("x"))
	f.set("foreign", 2)
	put(t, k, "a", []byte("ours"))
	if keys, err := k.Keys(); !slices.Equal(keys, []string{"a"}) || err != nil {
		t.Errorf("%q, %v", keys, err)
	}
}

// What another build has left is removed, whatever the name of its program.
func TestRemoveAnotherBuilds(t *testing.T) {
	for _, foreign := range []int32{1, 2} {
		k, f := opened(t)
		put(t, k, "a", []byte("the earlier build's"))
		f.set("foreign", foreign)
		if err := k.Remove("a"); err != nil {
			t.Errorf("foreign %d: %v", foreign, err)
		}
		if keys, err := k.Keys(); len(keys) != 0 || err != nil {
			t.Errorf("foreign %d: %q, %v", foreign, keys, err)
		}
	}
}

// A search in a keychain whose file can't be read finds nothing, and says no
// more. That is not an empty keychain.
func TestDamaged(t *testing.T) {
	k, f := opened(t)
	put(t, k, "a", []byte("ours"))
	f.set("damaged", 1)
	_, get := k.Get("a")
	_, keys := k.Keys()
	for what, err := range map[string]error{"Get": get, "Keys": keys, "Remove": k.Remove("a")} {
		if err == nil || errors.Is(err, keyring.ErrKeyNotFound) || !strings.Contains(err.Error(), "-25295") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A sandbox's refusal comes as an errno above 100000.
func TestErrno(t *testing.T) {
	k, f := opened(t)
	f.set("status", 100001)
	if _, err := k.Get("a"); err == nil || !strings.Contains(err.Error(), "operation not permitted") || !strings.Contains(err.Error(), "sandbox") {
		t.Error(err)
	}
}
