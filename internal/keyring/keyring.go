// Package keyring is the interface of this program's keyrings. It is a part of
// the interface of github.com/99designs/keyring, which is linked in on Windows
// only, for its Credential Manager. On Linux, merely importing that library
// connects to D-Bus, and leaves a dbus-daemon behind on each run where
// dbus-launch is installed (hashicorp/vault#22560, 99designs/aws-vault#1220); it
// adds half a megabyte of clients that are not used here; and none of its
// keyrings for Linux and macOS could be used unchanged.
package keyring

import "errors"

// Item is a secret and the names it is stored under.
type Item struct {
	Key         string
	Data        []byte
	Label       string
	Description string
}

// Keyring stores items by their keys.
type Keyring interface {
	// Get returns the item of that key, or ErrKeyNotFound.
	Get(key string) (Item, error)
	// Set stores an item, in place of the one before.
	Set(item Item) error
	// Remove removes the item of that key, or returns ErrKeyNotFound.
	Remove(key string) error
	// Keys returns the keys of all items.
	Keys() ([]string, error)
}

// ErrKeyNotFound is returned when there is no item of that key.
var ErrKeyNotFound = errors.New("the item could not be found in the keyring")
