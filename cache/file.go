package cache

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/argon2"

	"github.com/git-credential-mfa/git-credential-mfa/internal/atomicfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

const fileSuffix = ".sealed"

// fileRing keeps one encrypted file per item, for machines without a keyring.
// It is ours, not the library's: that one derives its key with 8,192 rounds of
// PBKDF2 (OWASP asks for 600,000), which a graphics card guesses through, and
// it writes in place, so that parallel processes read torn files.
type fileRing struct {
	dir        string
	passphrase []byte
	cost       cost
	keys       derivedKeys
}

func openFile(o Options) (opened, error) {
	if len(o.Passphrase) == 0 {
		return opened{}, ErrNoPassphrase
	}
	dir := o.Dir
	if dir == "" {
		config, err := absolute(os.UserConfigDir)
		if err != nil {
			return opened{}, fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrNoHome, err)
		}
		dir = filepath.Join(config, appName, "keyring")
	}
	if err := regularfile.Do(context.Background(), func() error { return readableDir(dir) }); err != nil {
		return opened{}, fmt.Errorf("%w: using the file keyring's folder: %w", ErrUnavailable, err)
	}
	return named(&fileRing{dir: dir, passphrase: o.Passphrase, cost: usualCost}, backendFile), nil
}

// readableDir is privateDir, but takes a folder on a file system that is
// read-only: what was stored there can be read.
func readableDir(dir string) error {
	err := privateDir(dir)
	if errors.Is(err, syscall.EROFS) { // mutation: a read-only keyring can be read
		if _, missing := os.Stat(dir); missing == nil {
			return nil
		}
	}
	return err
}

// path keeps keys from naming anything outside the folder.
func (f *fileRing) path(key string) (string, error) {
	for _, c := range []byte(key) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return "", fmt.Errorf("no name for a file: %q", key)
		}
	}
	return filepath.Join(f.dir, key+fileSuffix), nil
}

func (f *fileRing) Get(key string) (keyring.Item, error) {
	path, err := f.path(key)
	if err != nil {
		return keyring.Item{}, err
	}
	sealed, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keyring.Item{}, keyring.ErrKeyNotFound
	}
	if err != nil {
		return keyring.Item{}, err
	}
	data, err := f.unseal(key, sealed)
	if err != nil {
		return keyring.Item{}, err
	}
	return keyring.Item{Key: key, Data: data}, nil
}

func readFile(path string) (data []byte, err error) {
	err = atomicfile.Patiently(patience, func() error {
		data, err = regularfile.Read(context.Background(), path) // mutation: a pipe for a sealed file
		return err
	})
	return data, err
}

// Set refuses to replace an item of another passphrase: a mistyped one must not
// cost a session. logout removes it.
func (f *fileRing) Set(item keyring.Item) error {
	path, err := f.path(item.Key)
	if err != nil {
		return err
	}
	if _, err := f.Get(item.Key); err != nil && !absent(err) {
		return err
	}
	sealed, err := f.seal(item.Key, item.Data)
	if err != nil {
		return err
	}
	return writeFile(path, sealed)
}

// Remove needs no passphrase, so that one who has forgotten it can still log out.
func (f *fileRing) Remove(key string) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	err = regularfile.Do(context.Background(), func() error {
		sweep(f.dir)
		return atomicfile.Patiently(patience, func() error { return os.Remove(path) })
	})
	if errors.Is(err, fs.ErrNotExist) {
		return keyring.ErrKeyNotFound
	}
	return err
}

func (f *fileRing) Keys() ([]string, error) {
	entries, err := regularfile.Within(context.Background(), func() ([]fs.DirEntry, error) { return os.ReadDir(f.dir) })
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, entry := range entries {
		key, ok := strings.CutSuffix(entry.Name(), fileSuffix)
		if _, err := f.path(key); ok && err == nil && entry.Type().IsRegular() {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// cost is what one guess of the passphrase takes.
type cost struct {
	Memory  uint32 `json:"memory_kib"`
	Time    uint32 `json:"time"`
	Threads uint8  `json:"threads"`
}

// usualCost is OWASP's recommendation for Argon2id. Argon2id, since unlike
// PBKDF2 it costs a graphics card or a chip memory too; from x/crypto, since
// that is the well-kept one, and in every Go program anyway.
var usualCost = cost{Memory: 19 * 1024, Time: 2, Threads: 1}

// sane bounds what a planted file can make us spend (256 MiB, some seconds),
// and keeps argon2 from its panics on zeros.
func (c cost) sane() bool {
	return c.Memory >= 8 && c.Memory <= 256*1024 && c.Time >= 1 && c.Time <= 16 && c.Threads >= 1 && c.Threads <= 16
}

// sealed is a file of the file keyring. The cost lies beside the data, so that
// it can be raised later without a loss.
type sealed struct {
	Version int    `json:"v"`
	KDF     string `json:"kdf"`
	Cost    cost   `json:"cost"`
	Salt    []byte `json:"salt"`
	// Check is the second half of what the passphrase derives to: it tells a wrong
	// passphrase from a damaged file, and ties the file to one key, which GCM
	// alone does not.
	Check []byte `json:"check"`
	Nonce []byte `json:"nonce"`
	Data  []byte `json:"data"`
}

const (
	sealedVersion = 1
	sealedKDF     = "argon2id"
	saltSize      = 16
	halfSize      = 32
)

// derivedKeys are what this process has derived from its passphrase: an item
// that is read, replaced and read again costs no further derivations.
type derivedKeys struct {
	mu  sync.Mutex
	all map[derivation][]byte
}

// derivation is what a key is derived from, beside the passphrase.
type derivation struct {
	salt string
	cost cost
}

func (f *fileRing) derive(s sealed) (key, check []byte) {
	f.keys.mu.Lock()
	defer f.keys.mu.Unlock()
	from := derivation{string(s.Salt), s.Cost}
	out, ok := f.keys.all[from]
	if !ok {
		out = argon2.IDKey(f.passphrase, s.Salt, s.Cost.Time, s.Cost.Memory, s.Cost.Threads, 2*halfSize)
		if f.keys.all == nil {
			f.keys.all = map[derivation][]byte{}
		}
		f.keys.all[from] = out
	}
	return out[:halfSize], out[halfSize:]
}

// bound is the associated data: a file that is given another's name does not open.
func bound(name string) []byte { return []byte("git-credential-mfa sealed 1\x00" + name) }

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts data under the passphrase, with a new salt, and so a new key,
// each time.
func (f *fileRing) seal(name string, data []byte) ([]byte, error) {
	s := sealed{Version: sealedVersion, KDF: sealedKDF, Cost: f.cost, Salt: make([]byte, saltSize)}
	_, _ = rand.Read(s.Salt) // never fails
	key, check := f.derive(s)
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	s.Check, s.Nonce = check, make([]byte, gcm.NonceSize())
	_, _ = rand.Read(s.Nonce)
	s.Data = gcm.Seal(nil, s.Nonce, data, bound(name))
	return json.Marshal(s)
}

// unseal returns ErrPassphrase, or errUnreadable for a file that no passphrase
// opens under that name.
func (f *fileRing) unseal(name string, file []byte) ([]byte, error) {
	var s sealed
	if json.Unmarshal(file, &s) != nil || s.Version != sealedVersion || s.KDF != sealedKDF {
		return nil, fmt.Errorf("%w: not a file of this version's", errUnreadable)
	}
	if !s.Cost.sane() || len(s.Salt) != saltSize || len(s.Check) != halfSize {
		return nil, fmt.Errorf("%w: its parameters are out of bounds", errUnreadable)
	}
	key, check := f.derive(s)
	if subtle.ConstantTimeCompare(check, s.Check) != 1 {
		return nil, fmt.Errorf("%w (or a damaged file; logout forgets it)", ErrPassphrase)
	}
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(s.Nonce) != gcm.NonceSize() {
		return nil, fmt.Errorf("%w: its nonce has the wrong size", errUnreadable)
	}
	data, err := gcm.Open(nil, s.Nonce, s.Data, bound(name))
	if err != nil {
		return nil, fmt.Errorf("%w: damaged, or another item's under this name", errUnreadable)
	}
	return data, nil
}
