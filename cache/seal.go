package cache

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// cost is what one guess of the passphrase takes.
type cost struct {
	Memory  uint32 `json:"memory_kib"`
	Time    uint32 `json:"time"`
	Threads uint8  `json:"threads"`
}

// usualCost is OWASP's recommendation for Argon2id. Argon2id, since unlike PBKDF2 it costs a graphics card or a chip
// memory too; from x/crypto, since that is the well-kept one, and in every Go program anyway.
var usualCost = cost{Memory: 19 * 1024, Time: 2, Threads: 1}

// sane bounds what a planted file can make us spend (256 MiB, some seconds), and keeps argon2 from its panics on zeros.
func (c cost) sane() bool {
	return c.Memory >= 8 && c.Memory <= 256*1024 && c.Time >= 1 && c.Time <= 16 && c.Threads >= 1 && c.Threads <= 16
}

// sealed is a file of the file keyring. The cost lies beside the data, so that it can be raised later without a loss.
type sealed struct {
	Version int    `json:"v"`
	KDF     string `json:"kdf"`
	Cost    cost   `json:"cost"`
	Salt    []byte `json:"salt"`
	// Check is the second half of what the passphrase derives to: it tells a wrong passphrase from a damaged file, and
	// ties the file to one key, which GCM alone does not.
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

func derive(passphrase []byte, s sealed) (key, check []byte) {
	out := argon2.IDKey(passphrase, s.Salt, s.Cost.Time, s.Cost.Memory, s.Cost.Threads, 2*halfSize)
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

// seal encrypts data under the passphrase, with a new salt, and so a new key, each time.
func seal(passphrase []byte, name string, data []byte, c cost) ([]byte, error) {
	s := sealed{Version: sealedVersion, KDF: sealedKDF, Cost: c, Salt: make([]byte, saltSize)}
	_, _ = rand.Read(s.Salt) // never fails
	key, check := derive(passphrase, s)
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	s.Check, s.Nonce = check, make([]byte, gcm.NonceSize())
	_, _ = rand.Read(s.Nonce)
	s.Data = gcm.Seal(nil, s.Nonce, data, bound(name))
	return json.Marshal(s)
}

// unseal returns ErrPassphrase, or errUnreadable for a file that no passphrase opens under that name.
func unseal(passphrase []byte, name string, file []byte) ([]byte, error) {
	var s sealed
	if json.Unmarshal(file, &s) != nil || s.Version != sealedVersion || s.KDF != sealedKDF {
		return nil, fmt.Errorf("%w: not a file of this version's", errUnreadable)
	}
	if !s.Cost.sane() || len(s.Salt) != saltSize || len(s.Check) != halfSize {
		return nil, fmt.Errorf("%w: its parameters are out of bounds", errUnreadable)
	}
	key, check := derive(passphrase, s)
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
