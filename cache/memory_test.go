package cache

import (
	"bytes"
	"fmt"
	"sort"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// memory is a keyring that does as it is told.
type memory struct {
	mu    sync.Mutex
	items map[string]keyring.Item
	fail  error
}

func (m *memory) Get(key string) (keyring.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return keyring.Item{}, m.fail
	}
	item, ok := m.items[key]
	if !ok {
		return keyring.Item{}, keyring.ErrKeyNotFound
	}
	return item, nil
}

func (m *memory) Set(item keyring.Item) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.items[item.Key] = item
	return nil
}

func (m *memory) Remove(key string) error {
	if _, err := m.Get(key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.items, key)
	return nil
}

func (m *memory) Keys() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []string
	for key := range m.items {
		keys = append(keys, key)
	}
	sort.Sort(sort.Reverse(sort.StringSlice(keys)))
	return keys, m.fail
}

// remembering returns a store on a fake, and what it traces.
func remembering() (*Store, *memory, *bytes.Buffer) {
	ring := &memory{items: map[string]keyring.Item{}}
	var trace bytes.Buffer
	store := newStore(ring, func() string { return "memory" }, func(format string, args ...any) {
		fmt.Fprintf(&trace, format+"\n", args...)
	})
	return store, ring, &trace
}
