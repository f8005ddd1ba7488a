package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// schema is the version of an item's key and JSON. A change of either gets a new number: older items are then not found,
// instead of being misread.
const schema = 1

// Identity is what a session belongs to. Two requests with the same Identity share one session; it holds no secret.
type Identity struct {
	// Partition is AWS's: aws, aws-cn, aws-us-gov and so on.
	Partition string `json:"partition"`
	// Source is the access key id of the source credentials, or, where that can't be known without running something,
	// the settings that stand for it.
	Source string `json:"source"`
	// Serial is the configured MFA device, empty when it is discovered.
	Serial string `json:"serial,omitempty"`
	// Role, ExternalID and RoleSessionName tell the sessions of a role chain apart.
	Role            string `json:"role,omitempty"`
	ExternalID      string `json:"external_id,omitempty"`
	RoleSessionName string `json:"role_session_name,omitempty"`
}

// Key is the name of everything that is kept for id: the SHA-256 over the schema version and all fields, in hexadecimal,
// since Windows compares names without regard to case.
func (id Identity) Key() string {
	return digest("session", id.Partition, id.Source, id.Serial, id.Role, id.ExternalID, id.RoleSessionName)
}

// digest puts each field's length before it, so that no two lists of fields make the same bytes.
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

// deviceKey leaves the configured serial out: the item is only looked for when none is configured.
func deviceKey(source Identity) string {
	return devicePrefix + digest("device", source.Partition, source.Source)
}
