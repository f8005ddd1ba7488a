package keyring

import "github.com/99designs/keyring"

type (
	// Item is the library's.
	Item = keyring.Item
	// Metadata is the library's.
	Metadata = keyring.Metadata
	// Keyring is the library's.
	Keyring = keyring.Keyring
)

var (
	// ErrKeyNotFound is the library's.
	ErrKeyNotFound = keyring.ErrKeyNotFound
	// ErrMetadataNotSupported is the library's.
	ErrMetadataNotSupported = keyring.ErrMetadataNotSupported
)
