package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// ErrForgets: this keyring can't hold a long-term access key, because it loses
// its items when the machine restarts, or stores none.
var ErrForgets = errors.New("this keyring can't hold an access key")

const (
	longTermPrefix = "key-"

	// longTermVersion is the version of the item's JSON. It is not the sessions'
	// schema: a session that an older version can't find costs a code, but a key
	// would be lost.
	longTermVersion = 1
)

// LongTermKey is an IAM user's access key. No format verb prints its secrets.
type LongTermKey struct {
	AccessKeyID     string
	SecretAccessKey string `json:"-"`

	// Profile is the AWS profile that uses the key.
	Profile string

	// Created is when IAM created the key, or zero if that is not known.
	Created time.Time

	// Origin is the caller's record of its changes to the AWS files, to undo them.
	// It may hold the secret.
	Origin string `json:"-"`

	// Replaces is the id of the key that this one replaces, as long as that key may
	// still exist.
	Replaces string

	// Rotating is when the creation of this key's replacement began, or zero.
	Rotating time.Time
}

// longTermRecord is a LongTermKey in JSON; see record.
type longTermRecord struct {
	AccessKeyID     string    `json:"access_key_id"`
	SecretAccessKey string    `json:"secret_access_key"`
	Profile         string    `json:"profile"`
	Created         time.Time `json:"created,omitzero"`
	Origin          string    `json:"origin,omitempty"`
	Replaces        string    `json:"replaces,omitempty"`
	Rotating        time.Time `json:"rotating,omitzero"`
}

// Format prints the key without secrets, for all verbs.
func (k LongTermKey) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "long-term key{profile %q, key %s}", k.Profile, shortKey(k.AccessKeyID))
}

func longTermName(accessKeyID string) string {
	sum := sha256.Sum256([]byte(appName + "\x00long-term key\x00" + accessKeyID))
	return longTermPrefix + hex.EncodeToString(sum[:])
}

func encodeLongTermKey(k LongTermKey) ([]byte, error) {
	k.Created, k.Rotating = k.Created.UTC(), k.Rotating.UTC()
	return json.Marshal(struct {
		Version int `json:"v"`
		longTermRecord
	}{longTermVersion, longTermRecord(k)})
}

// decodeLongTermKey decodes the item of a name. It drops the errors of
// encoding/json, which quote the input.
func decodeLongTermKey(name string, data []byte) (LongTermKey, error) {
	if err := checkVersion(data, longTermVersion); err != nil {
		return LongTermKey{}, err
	}
	var r longTermRecord
	switch err := json.Unmarshal(data, &r); {
	case err != nil:
		return LongTermKey{}, errForeign
	case r.AccessKeyID == "" || r.SecretAccessKey == "":
		return LongTermKey{}, errIncomplete
	case longTermName(r.AccessKeyID) != name: // mutation: long-term key: an item under another name
		return LongTermKey{}, errMismatch
	}
	return LongTermKey(r), nil
}

// Keeps returns nil if this keyring can hold a long-term key, else ErrForgets.
func (s *Store) Keeps() error {
	if name := s.Backend(); name == backendKeyctl || name == backendNone { // mutation: long-term key: a keyring that forgets
		return fmt.Errorf("%w: %s", ErrForgets, name)
	}
	return nil
}

// LongTermKey returns the access key of an id. Only ErrNotFound means that there
// is none.
func (s *Store) LongTermKey(accessKeyID string) (LongTermKey, error) {
	return read(s, "access key", longTermName(accessKeyID), decodeLongTermKey)
}

// PutLongTermKey stores an access key under its id. It reads the key back,
// because callers then delete it elsewhere.
func (s *Store) PutLongTermKey(key LongTermKey) error {
	if err := s.Keeps(); err != nil {
		return fmt.Errorf("writing the access key to the keyring: %w", err)
	}
	name := longTermName(key.AccessKeyID)
	data, err := encodeLongTermKey(key)
	err = s.write("access key", keyring.Item{Key: name, Data: data,
		Label: label("access key", key.Profile), Description: "AWS access key of git-credential-mfa"}, err)
	if err != nil {
		return err
	}
	kept, err := s.get(name)
	if err == nil && string(kept) != string(data) { // mutation: long-term key: read back and compared
		err = errChanged
	}
	if err != nil {
		return fmt.Errorf("reading the access key back from the keyring: %w", err)
	}
	return nil
}

// RemoveLongTermKey removes the access key of an id, if there is one.
func (s *Store) RemoveLongTermKey(accessKeyID string) error {
	return s.forget("access key", longTermName(accessKeyID))
}

// LongTermKeys returns the readable access keys, sorted by profile and id.
func (s *Store) LongTermKeys() ([]LongTermKey, error) {
	keys, err := list(s, "access key", longTermPrefix, decodeLongTermKey)
	slices.SortFunc(keys, func(a, b LongTermKey) int {
		return strings.Compare(a.Profile+"\x00"+a.AccessKeyID, b.Profile+"\x00"+b.AccessKeyID)
	})
	return keys, err
}

// CarryOver copies the sessions and the MFA device of an access key to the key
// that replaces it. Those of the old key stay, for programs that have already
// read its id; DropCarried removes them.
func (s *Store) CarryOver(from, to string) error {
	sessions, err := s.Sessions()
	if err != nil {
		return err
	}
	for _, session := range sessions {
		if session.Identity.Source != from {
			continue
		}
		source := session.Identity
		session.Identity.Source = to
		if err := s.PutSession(session); err != nil {
			return err
		}
		serial, err := s.Device(source)
		if err == nil {
			err = s.PutDevice(session.Identity, serial)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// DropCarried removes the sessions and the MFA device of an access key that no
// longer exists.
func (s *Store) DropCarried(from string) error {
	sessions, err := s.Sessions()
	errs := []error{err}
	for _, session := range sessions {
		if session.Identity.Source == from {
			errs = append(errs, s.RemoveSession(session.Identity), s.RemoveDevice(session.Identity))
		}
	}
	return errors.Join(errs...)
}
