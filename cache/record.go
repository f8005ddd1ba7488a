package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// record is a Session as JSON. It is a type of its own, so that a Session marshalled by mistake carries no secret.
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

// device is the remembered MFA device of a source of credentials.
type device struct {
	Version   int    `json:"v"`
	Partition string `json:"partition"`
	Source    string `json:"source"`
	Serial    string `json:"serial"`
}

// The errors of encoding/json are dropped on purpose: they quote the input, and that holds secrets.
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

// decodeSession reads the item of that key. The name is judged by the fields: an item that was copied to another name,
// by hand or by an attacker who can write to the keyring, would otherwise answer for another account.
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

func encodeDevice(source Identity, serial string) ([]byte, error) {
	return json.Marshal(device{Version: schema, Partition: source.Partition, Source: source.Source, Serial: serial})
}

func decodeDevice(key string, data []byte) (string, error) {
	if err := checkVersion(data); err != nil {
		return "", err
	}
	var d device
	if json.Unmarshal(data, &d) != nil {
		return "", errForeign
	}
	if deviceKey(Identity{Partition: d.Partition, Source: d.Source}) != key {
		return "", errMismatch
	}
	if d.Serial == "" {
		return "", errIncomplete
	}
	return d.Serial, nil
}

// checkVersion looks at the version alone first: in another one, every other field may have another type.
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
