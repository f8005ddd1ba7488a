package cache

import (
	"encoding/json"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// Device returns the serial of the MFA device that was found or chosen for the
// credentials of source. It uses only source's Partition and Source.
func (s *Store) Device(source Identity) (string, error) {
	return read(s, "MFA device", deviceKey(source), decodeDevice)
}

// PutDevice stores serial as the MFA device of source's credentials.
func (s *Store) PutDevice(source Identity, serial string) error {
	data, err := encodeDevice(source, serial)
	return s.write("MFA device", keyring.Item{Key: deviceKey(source), Data: data,
		Label: label("MFA device", ""), Description: "MFA device of git-credential-mfa"}, err)
}

// RemoveDevice removes the MFA device of source's credentials, if there is one.
func (s *Store) RemoveDevice(source Identity) error { return s.forget("MFA device", deviceKey(source)) }

// device is the item of an MFA device in JSON.
type device struct {
	Version   int    `json:"v"`
	Partition string `json:"partition"`
	Source    string `json:"source"`
	Serial    string `json:"serial"`
}

func encodeDevice(source Identity, serial string) ([]byte, error) {
	return json.Marshal(device{Version: schema, Partition: source.Partition, Source: source.Source, Serial: serial})
}

func decodeDevice(key string, data []byte) (string, error) {
	if err := checkVersion(data, schema); err != nil {
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
