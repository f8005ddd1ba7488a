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

// schema is the version of an item's key and JSON. A change of either gets a
// new number: older items are then not found, instead of being misread.
const schema = 1

// Identity is what a session belongs to. Two requests with the same Identity
// share one session; it holds no secret.
type Identity struct {
	// Partition is AWS's: aws, aws-cn, aws-us-gov and so on.
	Partition string `json:"partition"`
	// Source is the access key id of the source credentials, or, where that can't
	// be known without running something, the settings that stand for it.
	Source string `json:"source"`
	// Serial is the configured MFA device, empty when it is discovered.
	Serial string `json:"serial,omitempty"`
	// Role, ExternalID and RoleSessionName tell the sessions of a role chain apart.
	Role            string `json:"role,omitempty"`
	ExternalID      string `json:"external_id,omitempty"`
	RoleSessionName string `json:"role_session_name,omitempty"`
}

// Key is the name of everything that is kept for id: the SHA-256 over the
// schema version and all fields, in hexadecimal, since Windows compares names
// without regard to case.
func (id Identity) Key() string {
	return digest("session", id.Partition, id.Source, id.Serial, id.Role, id.ExternalID, id.RoleSessionName)
}

// digest puts each field's length before it, so that no two lists of fields
// make the same bytes.
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

// deviceKey leaves the configured serial out: the item is only looked for when
// none is configured.
func deviceKey(source Identity) string {
	return devicePrefix + digest("device", source.Partition, source.Source)
}

// Session is one session as it is kept. Printed in any way it shows no secret,
// and as JSON none either; only inside an unexported field of another struct
// does fmt reach past that, so keep it out of those that are printed.
type Session struct {
	Identity Identity

	// Profile, ARN, Account and Serial are for people. Serial is the device that
	// was really used.
	Profile, ARN, Account, Serial string

	AccessKeyID     string
	SecretAccessKey string `json:"-"`
	SessionToken    string `json:"-"`
	Expiration      time.Time

	// ClockOffset is AWS's clock less the local one, zero when none is kept.
	ClockOffset time.Duration

	// SpentCode is the MFA code that bought this session. It is worth nothing any
	// more, but typed again it can be told as already used.
	SpentCode string `json:"-"`
}

// margin is what must be left of a session for it to be used: git takes its
// time, and the password must not outlive the session.
const margin = 5 * time.Minute

// Left returns how long the session lasts, by AWS's clock as far as its offset
// from the local one is known.
func (s Session) Left() time.Duration { return s.Expiration.Sub(time.Now().Add(s.ClockOffset)) }

// Lasts reports whether more than five minutes are left.
func (s Session) Lasts() bool { return s.Left() > margin }

// Format prints what a log may hold, whatever the verb: with %+v or %#v alone
// fmt would walk the fields.
func (s Session) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "session{profile %q, account %q, key %s, until %s}",
		s.Profile, s.Account, shortKey(s.AccessKeyID), s.Expiration.UTC().Format(time.RFC3339))
}

// shortKey shows as much of an access key id as tells two apart; output is made
// to be pasted.
func shortKey(id string) string {
	if len(id) < 8 {
		return "…"
	}
	return "…" + id[len(id)-4:]
}

// Session returns the session of id, expired or not. Only ErrNotFound means
// that there is none: with any other error there may be one, and it must not be
// replaced or taken for gone.
func (s *Store) Session(id Identity) (Session, error) {
	return read(s, "session", sessionKey(id), decodeSession)
}

// PutSession stores session under its Identity, in place of the one before.
func (s *Store) PutSession(session Session) error {
	data, err := encodeSession(session)
	return s.write("session", keyring.Item{Key: sessionKey(session.Identity), Data: data,
		Label: label("session", session.Profile), Description: "AWS session of git-credential-mfa"}, err)
}

// RemoveSession forgets the session of id. That there is none is not an error.
func (s *Store) RemoveSession(id Identity) error { return s.forget("session", sessionKey(id)) }

// Sessions returns every session that can be read, the expired ones too, in a
// fixed order.
func (s *Store) Sessions() ([]Session, error) {
	sessions, err := list(s, "session", sessionPrefix, decodeSession)
	slices.SortStableFunc(sessions, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.Profile, b.Profile), cmp.Compare(a.Account, b.Account), cmp.Compare(a.ARN, b.ARN))
	})
	return sessions, err
}

// record is a Session as JSON. It is a type of its own, so that a Session
// marshalled by mistake carries no secret.
type record struct {
	Version         int           `json:"v"`
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

// The errors of encoding/json are dropped on purpose: they quote the input, and
// that holds secrets.
var (
	errForeign    = errors.New("not an item of ours")
	errMismatch   = errors.New("its fields are not those that its name stands for")
	errIncomplete = errors.New("a field is missing")
)

func encodeSession(s Session) ([]byte, error) {
	return json.Marshal(record{
		Version: schema, Identity: s.Identity,
		Profile: s.Profile, ARN: s.ARN, Account: s.Account, Serial: s.Serial,
		AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken,
		Expiration: s.Expiration.UTC(), ClockOffset: s.ClockOffset, SpentCode: s.SpentCode,
	})
}

// decodeSession reads the item of that key. The name is judged by the fields:
// an item that was copied to another name, by hand or by an attacker who can
// write to the keyring, would otherwise answer for another account.
func decodeSession(key string, data []byte) (Session, error) {
	if err := checkVersion(data); err != nil {
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
	return Session{
		Identity: r.Identity,
		Profile:  r.Profile, ARN: r.ARN, Account: r.Account, Serial: r.Serial,
		AccessKeyID: r.AccessKeyID, SecretAccessKey: r.SecretAccessKey, SessionToken: r.SessionToken,
		Expiration: r.Expiration, ClockOffset: r.ClockOffset, SpentCode: r.SpentCode,
	}, nil
}

// checkVersion looks at the version alone first: in another one, every other
// field may have another type.
func checkVersion(data []byte) error {
	var head struct {
		Version int `json:"v"`
	}
	if json.Unmarshal(data, &head) != nil || head.Version == 0 {
		return errForeign
	}
	if head.Version != schema { // mutation: fault: newer items are another version's
		return fmt.Errorf("version %d, this program reads %d", head.Version, schema)
	}
	return nil
}
