package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// schema is the version of an item's key and JSON. It changes with either, so
// that older items are not found instead of being misread.
const schema = 1

// Identity is what a session belongs to. Requests with the same Identity share
// one session. It holds no secret.
type Identity struct {
	// Partition is the AWS partition: aws, aws-cn, aws-us-gov and so on.
	Partition string `json:"partition"`
	// Source is the access key id of the source credentials, or, if only running a
	// program would tell it, the settings that produce it.
	Source string `json:"source"`
	// Serial is the MFA device in the settings, or empty if they name none.
	Serial string `json:"serial,omitempty"`
	// Role, ExternalID and RoleSessionName are those of an assumed role.
	Role            string `json:"role,omitempty"`
	ExternalID      string `json:"external_id,omitempty"`
	RoleSessionName string `json:"role_session_name,omitempty"`
}

// Key returns the name of all items and locks of id: the SHA-256 of the schema
// version and all fields. It is in hexadecimal, because names on Windows are not
// case-sensitive.
func (id Identity) Key() string {
	return digest("session", id.Partition, id.Source, id.Serial, id.Role, id.ExternalID, id.RoleSessionName)
}

// digest hashes fields, each after its length, so that no two lists of fields
// have the same bytes.
func digest(fields ...string) string {
	b := binary.AppendUvarint([]byte("git-credential-mfa\x00"), schema)
	for _, field := range fields {
		b = binary.AppendUvarint(b, uint64(len(field)))
		b = append(b, field...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

const (
	sessionPrefix = "session-"
	devicePrefix  = "device-"
	checkPrefix   = "check-"
)

func sessionKey(id Identity) string { return sessionPrefix + id.Key() }

// deviceKey leaves the serial out, because the item is used only if the settings
// name none.
func deviceKey(source Identity) string {
	return devicePrefix + digest("device", source.Partition, source.Source)
}

// Session is a session with temporary credentials. Neither a format verb nor
// encoding/json shows its secrets. But fmt does not call Format on a session in
// an unexported field of another struct, so don't print such a struct.
type Session struct {
	Identity Identity

	// Profile, ARN, Account and Serial are shown to people. Serial is the device
	// that was used.
	Profile, ARN, Account, Serial string

	AccessKeyID     string
	SecretAccessKey string `json:"-"`
	SessionToken    string `json:"-"`
	Expiration      time.Time

	// ClockOffset is AWS's clock minus the local one, or zero if it need not be
	// corrected.
	ClockOffset time.Duration

	// SpentCode is the MFA code that was used for this session. STS accepts it no
	// more; it is stored to recognise it if it is typed again.
	SpentCode string `json:"-"`
}

// margin is how long a session must last to be used: git may take minutes, and
// the password must not outlive the session.
const margin = 5 * time.Minute

// Left returns how long the session lasts, by the local clock plus ClockOffset.
func (s Session) Left() time.Duration { return s.Expiration.Sub(time.Now().Add(s.ClockOffset)) }

// Lasts reports whether more than five minutes are left.
func (s Session) Lasts() bool { return s.Left() > margin }

// Format prints the session without secrets, for all verbs. A String method
// would not do: %+v and %#v print the fields.
func (s Session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "session{profile %q, account %q, key %s, until %s}",
		s.Profile, s.Account, shortKey(s.AccessKeyID), s.Expiration.UTC().Format(time.RFC3339))
}

// shortKey returns the end of an access key id, which is enough to tell two
// apart in output that people paste elsewhere.
func shortKey(id string) string {
	if len(id) < 8 {
		return "…"
	}
	return "…" + id[len(id)-4:]
}

// Session returns the session of id, also an expired one. Only ErrNotFound means
// that there is none. With any other error there may be one, which must not be
// replaced.
func (s *Store) Session(id Identity) (Session, error) {
	return read(s, "session", sessionKey(id), decodeSession)
}

// PutSession stores session under its Identity, in place of the one before.
func (s *Store) PutSession(session Session) error {
	data, err := encodeSession(session)
	return s.write("session", keyring.Item{Key: sessionKey(session.Identity), Data: data,
		Label: label("session", session.Profile), Description: "AWS session of git-credential-mfa"}, err)
}

// RemoveSession removes the session of id, if there is one.
func (s *Store) RemoveSession(id Identity) error { return s.forget("session", sessionKey(id)) }

// Sessions returns the readable sessions, also expired ones, sorted by profile,
// account and ARN.
func (s *Store) Sessions() ([]Session, error) {
	sessions, err := list(s, "session", sessionPrefix, decodeSession)
	slices.SortStableFunc(sessions, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Account, b.Account), cmp.Compare(a.ARN, b.ARN))
	})
	return sessions, err
}

// record is a Session in JSON, with the same fields in the same order. It is a
// separate type, so that marshalling a Session by mistake reveals no secret.
type record struct {
	Identity        Identity      `json:"identity"`
	Profile         string        `json:"profile,omitempty"`
	ARN             string        `json:"arn,omitempty"`
	Account         string        `json:"account,omitempty"`
	Serial          string        `json:"serial,omitempty"`
	AccessKeyID     string        `json:"access_key_id"`
	SecretAccessKey string        `json:"secret_access_key"`
	SessionToken    string        `json:"session_token"`
	Expiration      time.Time     `json:"expiration"`
	ClockOffset     time.Duration `json:"clock_offset,omitempty"`
	SpentCode       string        `json:"spent_code,omitempty"`
}

// The reasons to skip an item. The errors of encoding/json would quote the
// input, which holds secrets.
var (
	errForeign    = errors.New("not written by this program")
	errMismatch   = errors.New("its fields do not match its name")
	errIncomplete = errors.New("a field is missing")
)

func encodeSession(s Session) ([]byte, error) {
	s.Expiration = s.Expiration.UTC()
	return json.Marshal(struct {
		Version int `json:"v"`
		record
	}{schema, record(s)})
}

// decodeSession decodes the item of a key. It checks that the fields match the
// key: otherwise an item copied to another key, by an attacker who can write to
// the keyring, would answer for another account.
func decodeSession(key string, data []byte) (Session, error) {
	if err := checkVersion(data, schema); err != nil {
		return Session{}, err
	}
	var r record
	if json.Unmarshal(data, &r) != nil {
		return Session{}, errForeign
	}
	if sessionKey(r.Identity) != key {
		return Session{}, errMismatch
	}
	if r.AccessKeyID == "" || r.SecretAccessKey == "" || r.SessionToken == "" || r.Expiration.IsZero() {
		return Session{}, errIncomplete
	}
	return Session(r), nil
}

// checkVersion compares an item's version with the one that this program reads.
// It decodes only the version: in another one, every other field may have
// another type.
func checkVersion(data []byte, version int) error {
	var head struct {
		Version int `json:"v"`
	}
	if json.Unmarshal(data, &head) != nil || head.Version == 0 {
		return errForeign
	}
	if head.Version != version { // mutation: fault: newer items are another version's
		return fmt.Errorf("version %d, this program reads %d", head.Version, version)
	}
	return nil
}
