package cache

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// narrow is a keyring as Windows has it: it takes no more than that many bytes, and names are the same in any case. It
// does as its hooks say before and after a write or a read.
type narrow struct {
	memory
	before func(what, key string) error
	after  func(what, key string)
}

const narrowLimit = 2560

var errTooLarge = errors.New("the stub received bad data")

func (n *narrow) do(what, key string, do func() error) error {
	if n.before != nil {
		if err := n.before(what, key); err != nil {
			return err
		}
	}
	err := do()
	if n.after != nil {
		n.after(what, key)
	}
	return err
}

func (n *narrow) Get(key string) (item keyring.Item, err error) {
	err = n.do("get", key, func() error {
		item, err = n.memory.Get(strings.ToLower(key))
		return err
	})
	return item, err
}

func (n *narrow) Set(item keyring.Item) error {
	return n.do("set", item.Key, func() error {
		if len(item.Data) > narrowLimit {
			return errTooLarge
		}
		item.Key, item.Data = strings.ToLower(item.Key), bytes.Clone(item.Data)
		return n.memory.Set(item)
	})
}

func (n *narrow) Remove(key string) error {
	return n.do("remove", key, func() error { return n.memory.Remove(strings.ToLower(key)) })
}

// names are those of the ring's items, in order.
func (n *narrow) names() []string { return slices.Sorted(maps.Keys(n.items)) }

// inParts returns a narrow ring and the decorator on it. Its lock is not waited for: who should wait gets errBusy.
func inParts(trace func(string, ...any)) (*narrow, *parted) {
	held := false
	ring := &narrow{memory: memory{items: map[string]keyring.Item{}}}
	lock := func() (func(), error) {
		if held {
			return nil, errBusy
		}
		held = true
		return func() { held = false }, nil
	}
	if trace == nil {
		trace = func(string, ...any) {}
	}
	return ring, &parted{ring: ring, max: narrowLimit, lock: lock, trace: trace}
}

var errBusy = errors.New("another one writes")

// filled is an item of that many bytes, all of one letter.
func filled(letter string, size int) keyring.Item {
	return keyring.Item{Key: "key", Data: []byte(strings.Repeat(letter, size))}
}
