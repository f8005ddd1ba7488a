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

// fileRing stores each item in an encrypted file, for machines without a
// keyring. 99designs/keyring has one too, but derives its key with 8,192 rounds
// of PBKDF2 (OWASP asks for 600,000), and writes in place, so that parallel
// processes can read half a file.
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

// readableDir is privateDir, but accepts a folder on a read-only file system,
// because the items in it can be read.
func readableDir(dir string) error {
	err := privateDir(dir)
	if errors.Is(err, syscall.EROFS) { // mutation: a read-only keyring can be read
		if _, missing := os.Stat(dir); missing == nil {
			return nil
		}
	}
	return err
}

// path returns the file of a key. It refuses characters that could lead outside
// the folder.
func (f *fileRing) path(key string) (string, error) {
	for _, c := range []byte(key) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return "", fmt.Errorf("invalid item name %q", key)
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

// readFile reads a file. On Windows it tries for two seconds, because another
// process may be replacing the file.
func readFile(path string) (data []byte, err error) {
	err = atomicfile.Patiently(patience, func() error {
		data, err = regularfile.Read(context.Background(), path) // mutation: a pipe for a sealed file
		return err
	})
	return data, err
}

// Set does not replace an item of another passphrase: a typing mistake must not
// cost a session. logout removes such an item.
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

// Remove needs no passphrase, so that a person who has forgotten it can log out.
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

// cost are the parameters of Argon2id, which decide what a guess costs.
type cost struct {
	Memory  uint32 `json:"memory_kib"`
	Time    uint32 `json:"time"`
	Threads uint8  `json:"threads"`
}

// usualCost is OWASP's recommendation for Argon2id, which unlike PBKDF2 also
// costs memory, and so is slow on graphics cards too.
var usualCost = cost{Memory: 19 * 1024, Time: 2, Threads: 1}

// sane reports whether the cost is acceptable. It limits what a planted file can
// make this program spend (256 MiB, a few seconds), and excludes zeros, on which
// argon2 panics.
func (c cost) sane() bool {
	return c.Memory >= 8 && c.Memory <= 256*1024 && c.Time >= 1 && c.Time <= 16 && c.Threads >= 1 && c.Threads <= 16
}

// sealed is a file of the file keyring. It holds the cost, so that a later
// version can raise the usual one and still read older files.
type sealed struct {
	Version int    `json:"v"`
	KDF     string `json:"kdf"`
	Cost    cost   `json:"cost"`
	Salt    []byte `json:"salt"`
	// Check is the second half of what is derived from the passphrase. It tells a
	// wrong passphrase from a damaged file, and binds the file to one key, which
	// GCM does not do.
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

// derivedKeys holds what this process has derived from its passphrase, because
// each derivation takes about 25 ms.
type derivedKeys struct {
	mu  sync.Mutex
	all map[derivation][]byte
}

// derivation is what a key is derived from, apart from the passphrase.
type derivation struct {
	salt string
	cost cost
}

// derive returns the key of a file and its Check.
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

// bound returns the associated data of an item, with which a file does not open
// under another item's name.
func bound(name string) []byte { return []byte("git-credential-mfa sealed 1\x00" + name) }

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts an item. Each call uses a new salt, and so a new key.
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

// unseal decrypts an item. The error is ErrPassphrase, or errUnreadable for a
// file that no passphrase opens under that name.
func (f *fileRing) unseal(name string, file []byte) ([]byte, error) {
	var s sealed
	if json.Unmarshal(file, &s) != nil || s.Version != sealedVersion || s.KDF != sealedKDF {
		return nil, fmt.Errorf("%w: not a file of this version", errUnreadable)
	}
	if !s.Cost.sane() || len(s.Salt) != saltSize || len(s.Check) != halfSize {
		return nil, fmt.Errorf("%w: its parameters are out of bounds", errUnreadable)
	}
	key, check := f.derive(s)
	if subtle.ConstantTimeCompare(check, s.Check) != 1 {
		return nil, fmt.Errorf("%w (or the file is damaged; logout removes it)", ErrPassphrase)
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
