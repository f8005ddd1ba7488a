package cache

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
	"golang.org/x/sys/unix"
)

// keyctlPrefix begins the names of our keys in the user keyring, which all
// programs of the user share.
const keyctlPrefix = "git-credential-mfa:"

// keyType is the kernel's type for keys with any data.
const keyType = "user"

// keyctl stores items in the kernel's user keyring. It creates no keyring of its
// own below that: add_key(2) replaces a keyring of the same name, so that of
// several processes that start together the last would drop the items of the
// others.
type keyctl struct {
	prefix string
}

// openKeyctl opens the user keyring. It writes and reads a key to try it: with a
// session keyring that is not linked to the user's, as in systemd services,
// writing works and reading is denied; and containers often forbid the system
// calls.
func openKeyctl(prefix string) (keyring.Keyring, error) {
	ring := keyctl{prefix: prefix}
	name := prefix + checkPrefix + strings.ToLower(rand.Text())
	id, err := unix.AddKey(keyType, name, []byte("x"), unix.KEY_SPEC_USER_KEYRING)
	if errors.Is(err, unix.EDQUOT) {
		return ring, nil // full, but its items can be read
	}
	if err == nil {
		_, err = readKey(id)
		// Removed by its number, because a search may be denied, and each run would
		// leave a key behind.
		err = errors.Join(err, unlink(id))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the kernel's keyring can't be used: %w", ErrUnavailable, err)
	}
	return ring, nil
}

// find returns the number of a key.
func (k keyctl) find(key string) (id int, err error) {
	id, err = unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, k.prefix+key, 0)
	return id, gone(err)
}

// readKey returns the data of a key, or, of a keyring, the numbers of its keys.
func readKey(id int) ([]byte, error) {
	data := make([]byte, 4096)
	for {
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, data, 0)
		if err != nil {
			return nil, gone(err)
		}
		if n <= len(data) {
			return data[:n], nil
		}
		data = make([]byte, n)
	}
}

func unlink(id int) error {
	_, err := unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	return gone(err)
}

// gone maps the kernel's errors for a key that does not exist (any more) to
// ErrKeyNotFound.
func gone(err error) error {
	for _, code := range []error{unix.ENOKEY, unix.EKEYEXPIRED, unix.EKEYREVOKED} {
		if errors.Is(err, code) {
			return keyring.ErrKeyNotFound
		}
	}
	return err
}

func (k keyctl) Get(key string) (keyring.Item, error) {
	id, err := k.find(key)
	if err != nil {
		return keyring.Item{}, err
	}
	data, err := readKey(id)
	return keyring.Item{Key: key, Data: data}, err
}

func (k keyctl) Set(item keyring.Item) error {
	_, err := unix.AddKey(keyType, k.prefix+item.Key, item.Data, unix.KEY_SPEC_USER_KEYRING)
	if errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("the kernel's quota for keys is used up (/proc/sys/kernel/keys/maxbytes): %w", err)
	}
	return err
}

func (k keyctl) Remove(key string) error {
	id, err := k.find(key)
	if err != nil {
		return err
	}
	return unlink(id)
}

// Keys leaves out keys that may not be described, and those that are removed
// meanwhile.
func (k keyctl) Keys() ([]string, error) {
	ids, err := readKey(unix.KEY_SPEC_USER_KEYRING)
	if err != nil {
		return nil, fmt.Errorf("reading the user keyring: %w", err)
	}
	var keys []string
	for ; len(ids) >= 4; ids = ids[4:] {
		text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, int(int32(binary.NativeEndian.Uint32(ids))))
		if err != nil {
			continue
		}
		// type;uid;gid;permissions;description
		fields := strings.SplitN(text, ";", 5)
		if len(fields) == 5 && fields[0] == keyType && strings.HasPrefix(fields[4], k.prefix) {
			keys = append(keys, strings.TrimPrefix(fields[4], k.prefix))
		}
	}
	return keys, nil
}
