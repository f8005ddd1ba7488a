package cache

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/keyring"
	"golang.org/x/sys/unix"
)

// keyctlPrefix tells our keys from others' in the user keyring, which all programs of the user share.
const keyctlPrefix = "git-credential-mfa:"

// keyctl is 99designs' backend for the kernel's keyring, directly in the user's. The library can make a named keyring
// below that, but add_key(2) replaces a keyring of the same name: of several processes that start together, the last
// would throw away what the others have stored.
type keyctl struct {
	keyring.Keyring
	prefix string
}

// openKeyctl makes sure that what is written can be read: in a session keyring that is not linked to the user's, as in
// systemd services, writing works and reading is denied. Containers often forbid the system calls altogether.
func openKeyctl(prefix string) (keyring.Keyring, error) {
	library, err := keyring.Open(keyring.Config{
		AllowedBackends: []keyring.BackendType{keyring.KeyCtlBackend},
		KeyCtlScope:     "user",
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	ring := keyctl{library, prefix}
	probe := keyring.Item{Key: checkPrefix + strings.ToLower(rand.Text()), Data: []byte("x")}
	err = ring.Set(probe)
	if errors.Is(err, unix.EDQUOT) {
		return ring, nil // there, and full: what is in it can still be read
	}
	if err == nil {
		_, err = ring.Get(probe.Key)
		// By the library: ours reads first, and where that is denied would leave a key behind on each run.
		err = errors.Join(err, library.Remove(prefix+probe.Key))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the kernel's keyring can't be used: %w", ErrUnavailable, err)
	}
	return ring, nil
}

func (k keyctl) Get(key string) (keyring.Item, error) {
	item, err := k.Keyring.Get(k.prefix + key)
	item.Key = key
	return item, gone(err)
}

// gone turns the kernel's words for a key that was there into absent. A key may also vanish between the library's
// search for it and its read.
func gone(err error) error {
	for _, word := range []error{unix.ENOKEY, unix.EKEYEXPIRED, unix.EKEYREVOKED} {
		if errors.Is(err, word) {
			return keyring.ErrKeyNotFound
		}
	}
	return err
}

func (k keyctl) Set(item keyring.Item) error {
	item.Key = k.prefix + item.Key
	err := k.Keyring.Set(item)
	if errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("the kernel's quota for keys is used up (/proc/sys/kernel/keys/maxbytes): %w", err)
	}
	return err
}

// Remove looks first: the library takes every failure to find the key, a denied search too, for absence.
func (k keyctl) Remove(key string) error {
	if _, err := k.Get(key); err != nil {
		if errors.Is(err, keyring.ErrKeyNotFound) {
			return nil
		}
		return err
	}
	if err := gone(k.Keyring.Remove(k.prefix + key)); err != nil && !errors.Is(err, keyring.ErrKeyNotFound) {
		return err
	}
	return nil
}

// Keys lists for itself, since one key that may not be described, or that vanishes meanwhile, fails the library's list.
func (k keyctl) Keys() ([]string, error) {
	ids := make([]byte, 4096)
	for {
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, unix.KEY_SPEC_USER_KEYRING, ids, 0)
		if err != nil {
			return nil, fmt.Errorf("reading the user keyring: %w", err)
		}
		if n <= len(ids) {
			ids = ids[:n]
			break
		}
		ids = make([]byte, n)
	}
	var keys []string
	for ; len(ids) >= 4; ids = ids[4:] {
		text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, int(int32(binary.NativeEndian.Uint32(ids))))
		if err != nil {
			continue
		}
		// type;uid;gid;permissions;description
		fields := strings.SplitN(text, ";", 5)
		if len(fields) == 5 && fields[0] == "user" && strings.HasPrefix(fields[4], k.prefix) {
			keys = append(keys, strings.TrimPrefix(fields[4], k.prefix))
		}
	}
	return keys, nil
}
