//go:build !windows

// Package keyring is the interface of github.com/99designs/keyring. The library
// itself is linked in on Windows only, for its Credential Manager. On Linux it
// connects to D-Bus while it is imported, on every run, and where dbus-launch is
// installed leaves a dbus-daemon behind each time (hashicorp/vault#22560,
// 99designs/aws-vault#1220); it brings half a megabyte of clients that are not
// used here; and of its keyrings there and on macOS none could be used as it is.
package keyring

import (
	"errors"
	"time"
)

// Item is a secret and what it goes by.
type Item struct {
	Key         string
	Data        []byte
	Label       string
	Description string
}

// Metadata is what a keyring may tell without showing the secret.
type Metadata struct {
	*Item
	ModificationTime time.Time
}

// Keyring keeps items by their keys.
type Keyring interface {
	// Get returns the item of that key, or ErrKeyNotFound.
	Get(key string) (Item, error)
	// GetMetadata returns the parts that are no secret, or
	// ErrMetadataNotSupported.
	GetMetadata(key string) (Metadata, error)
	// Set stores an item, in place of the one before.
	Set(item Item) error
	// Remove removes the item of that key, or returns ErrKeyNotFound.
	Remove(key string) error
	// Keys returns the keys of all items.
	Keys() ([]string, error)
}

var (
	// ErrKeyNotFound says that there is no such item.
	ErrKeyNotFound = errors.New("the item could not be found in the keyring")
	// ErrMetadataNotSupported says that a keyring can't tell.
	ErrMetadataNotSupported = errors.New("the keyring does not support metadata access")
)
