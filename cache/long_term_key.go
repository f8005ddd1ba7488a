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

// ErrForgets says that this keyring can't hold a long-term access key: what it
// holds is gone after a restart, or at once.
var ErrForgets = errors.New("this keyring forgets what it is given")

const (
	longTermPrefix = "key-"

	// longTermVersion is that of the item's JSON, apart from the sessions' schema:
	// a session that is not found costs a code, a key that is not found costs the
	// key.
	longTermVersion = 1
)

// LongTermKey is an IAM user's access key as it is kept. Printed in any way it
// shows no secret.
type LongTermKey struct {
	AccessKeyID     string
	SecretAccessKey string `json:"-"`

	// Profile is the profile that it is the key of.
	Profile string

	// Created is when IAM made the key, or zero when that is not known.
	Created time.Time

	// Origin is what was taken out of and put into the AWS files, for the way
	// back. It is the caller's, and may hold the secret.
	Origin string `json:"-"`

	// Replaces is the id of the key that this one is to take the place of, or did,
	// as long as that one may still exist.
	Replaces string

	// Rotating is since when a key that is to take this one's place may have been
	// made, or zero.
	Rotating time.Time
}

// longTermRecord is a LongTermKey as JSON; see record.
type longTermRecord struct {
	Version         int       `json:"v"`
	AccessKeyID     string    `json:"access_key_id"`
	SecretAccessKey string    `json:"secret_access_key"`
	Profile         string    `json:"profile"`
	Created         time.Time `json:"created,omitzero"`
	Origin          string    `json:"origin,omitempty"`
	Replaces        string    `json:"replaces,omitempty"`
	Rotating        time.Time `json:"rotating,omitzero"`
}

// Format prints what a log may hold, whatever the verb.
func (k LongTermKey) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "long-term key{profile %q, key %s}", k.Profile, shortKey(k.AccessKeyID))
}

func longTermName(accessKeyID string) string {
	sum := sha256.Sum256([]byte(appName + "\x00long-term key\x00" + accessKeyID))
	return longTermPrefix + hex.EncodeToString(sum[:])
}

func encodeLongTermKey(k LongTermKey) ([]byte, error) {
	return json.Marshal(longTermRecord{Version: longTermVersion, AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey,
		Profile: k.Profile, Created: k.Created.UTC(), Origin: k.Origin, Replaces: k.Replaces, Rotating: k.Rotating.UTC()})
}

// decodeLongTermKey reads the item of that name. The errors of encoding/json
// are dropped: they quote the input.
func decodeLongTermKey(name string, data []byte) (LongTermKey, error) {
	var r longTermRecord
	switch err := json.Unmarshal(data, &r); {
	case err != nil || r.Version == 0:
		return LongTermKey{}, errForeign
	case r.Version != longTermVersion:
		return LongTermKey{}, fmt.Errorf("version %d, this program reads %d", r.Version, longTermVersion)
	case r.AccessKeyID == "" || r.SecretAccessKey == "":
		return LongTermKey{}, errIncomplete
	}
	if longTermName(r.AccessKeyID) != name { // mutation: long-term key: an item under another name
		return LongTermKey{}, errMismatch
	}
	return LongTermKey{AccessKeyID: r.AccessKeyID, SecretAccessKey: r.SecretAccessKey, Profile: r.Profile, Created: r.Created,
		Origin: r.Origin, Replaces: r.Replaces, Rotating: r.Rotating}, nil
}

// Keeps returns ErrForgets when a long-term key can't be kept in this keyring,
// else nil.
func (s *Store) Keeps() error {
	if name := s.Backend(); name == backendKeyctl || name == backendNone { // mutation: long-term key: a keyring that forgets
		return fmt.Errorf("%w: %s", ErrForgets, name)
	}
	return nil
}

// LongTermKey returns the access key with that id. Only ErrNotFound means that
// there is none.
func (s *Store) LongTermKey(accessKeyID string) (LongTermKey, error) {
	return read(s, "access key", longTermName(accessKeyID), decodeLongTermKey)
}

// PutLongTermKey stores an access key under its id, and reads it back: what was
// not kept must not be taken out of anywhere else.
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
		err = errors.New("the keyring does not give back what it was given")
	}
	if err != nil {
		return fmt.Errorf("reading the access key back from the keyring: %w", err)
	}
	return nil
}

// RemoveLongTermKey forgets an access key. That there is none is not an error.
func (s *Store) RemoveLongTermKey(accessKeyID string) error {
	return s.forget("access key", longTermName(accessKeyID))
}

// LongTermKeys returns every access key that can be read, by profile and id.
func (s *Store) LongTermKeys() ([]LongTermKey, error) {
	keys, err := list(s, "access key", longTermPrefix, decodeLongTermKey)
	slices.SortFunc(keys, func(a, b LongTermKey) int {
		return strings.Compare(a.Profile+"\x00"+a.AccessKeyID, b.Profile+"\x00"+b.AccessKeyID)
	})
	return keys, err
}

// CarryOver gives the sessions and the remembered MFA device of one access key
// to another of the same user's, which takes its place. Those of the old key
// stay, for programs that have read its id already; DropCarried removes them.
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

// DropCarried removes the sessions and the remembered MFA device of an access
// key that is no more.
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
