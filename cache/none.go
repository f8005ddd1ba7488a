package cache

import "github.com/git-credential-mfa/git-credential-mfa/internal/keyring"

// noRing keeps nothing, so that the code is asked each time.
type noRing struct{}

func (noRing) Get(string) (keyring.Item, error) { return keyring.Item{}, keyring.ErrKeyNotFound }

func (noRing) GetMetadata(string) (keyring.Metadata, error) {
	return keyring.Metadata{}, keyring.ErrMetadataNotSupported
}

func (noRing) Set(keyring.Item) error { return nil }

func (noRing) Remove(string) error { return nil }

func (noRing) Keys() ([]string, error) { return nil, nil }
