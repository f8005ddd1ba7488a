//go:build darwin || linux

package keychain

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// errText is for what CoreFoundation can't make a string of, which is what is not UTF-8.
var errText = errors.New("the keychain: a name is not UTF-8")

// Get reads an item. One that may not be read is words.Denied or words.Locked, never keyring.ErrKeyNotFound.
func (k *Keychain) Get(key string) (keyring.Item, error) {
	data, err := do(k, func(p *pool) ([]byte, error) { return k.read(p, key) })
	return keyring.Item{Key: key, Data: data}, err
}

func (k *Keychain) read(p *pool, key string) ([]byte, error) {
	query := p.dictionary(k.named(p, key, pair{p.returnData, p.yes})...)
	if query == 0 {
		return nil, errText
	}
	var found ref
	status := p.secItemCopyMatching(query, &found)
	p.own(found)                           // mutation: references are given back
	if status.refused() && k.unlocked(p) { // mutation: a denied item is not an absent one
		return nil, fmt.Errorf("%w: %w", k.words.Denied, status)
	}
	if status != success {
		return nil, k.meaning(status)
	}
	data, ok := p.bytes(found)
	if !ok {
		return nil, errors.New("the keychain: an item without data")
	}
	return data, nil
}

// unlocked tells whether the default keychain is open. When that can't be known, it is not.
func (k *Keychain) unlocked(p *pool) bool {
	const unlockState = 1 // kSecUnlockStateStatus
	var state uint32
	return p.secKeychainGetStatus(0, &state) == success && state&unlockState != 0
}

// GetMetadata is part of the keyring's interface; nothing here asks for it.
func (k *Keychain) GetMetadata(string) (keyring.Metadata, error) {
	return keyring.Metadata{}, keyring.ErrMetadataNotSupported
}

// Set writes an item in place of the one before. What another build of this program has left, which macOS lets this one
// remove and perhaps write, but not read, is replaced too.
func (k *Keychain) Set(item keyring.Item) error {
	_, err := do(k, func(p *pool) (struct{}, error) { return struct{}{}, k.write(p, item) })
	return err
}

func (k *Keychain) write(p *pool, item keyring.Item) error {
	content := []pair{
		{p.valueData, p.data(item.Data)},
		{p.label, p.text(item.Label)},
		{p.description, p.text(item.Description)},
	}
	query, change := p.dictionary(k.named(p, item.Key)...), p.dictionary(content...)
	whole := p.dictionary(k.named(p, item.Key, content...)...)
	if query == 0 || change == 0 || whole == 0 {
		return errText
	}
	status := p.secItemAdd(whole, nil)
	if status != duplicateItem {
		return k.meaning(status)
	}
	return k.replace(p, item, query, change, whole)
}

// replace writes an item that is there. It is deleted only if the keychain takes other items and does not let this one be
// written: what lies in a locked one may be a good session.
func (k *Keychain) replace(p *pool, item keyring.Item, query, change, whole ref) error {
	if p.secItemUpdate(query, change) == success {
		// Whoever may write an item need not be one who may read it.
		if data, err := k.read(p, item.Key); err == nil && bytes.Equal(data, item.Data) { // mutation: what was written can be read
			return nil
		}
	}
	if status := k.writable(p, item.Key); status != success { // mutation: what can not be written again is not deleted
		return k.meaning(status)
	}
	if status := p.secItemDelete(query); status != success && status != itemNotFound {
		return k.meaning(status)
	}
	return k.meaning(p.secItemAdd(whole, nil))
}

// writable adds and deletes an item of its own. The keychain's state would not do: whether one that calls itself open takes
// items, over SSH say, Apple's documents do not tell, and what can't be written again must not be deleted.
func (k *Keychain) writable(p *pool, key string) Status {
	name := k.named(p, key+" (try)")
	query, item := p.dictionary(name...), p.dictionary(append(name, pair{p.valueData, p.data([]byte("x"))})...)
	if status := p.secItemAdd(item, nil); status != success && status != duplicateItem {
		return status
	}
	return p.secItemDelete(query)
}

// Remove deletes an item. That there is none is not an error.
func (k *Keychain) Remove(key string) error {
	_, err := do(k, func(p *pool) (struct{}, error) {
		query := p.dictionary(k.named(p, key)...)
		if query == 0 {
			return struct{}{}, errText
		}
		status := p.secItemDelete(query)
		if status == itemNotFound {
			status = success
		}
		return struct{}{}, k.meaning(status)
	})
	return err
}

// Keys lists the items of our service, those too that may not be read.
func (k *Keychain) Keys() ([]string, error) {
	return do(k, func(p *pool) ([]string, error) {
		query := p.dictionary(
			pair{p.class, p.genericPassword}, pair{p.service, p.text(k.service)},
			pair{p.matchLimit, p.all}, pair{p.returnAttributes, p.yes})
		if query == 0 {
			return nil, errText
		}
		var found ref
		status := p.secItemCopyMatching(query, &found)
		p.own(found)
		if status == itemNotFound {
			return nil, nil
		}
		if status != success {
			return nil, k.meaning(status)
		}
		var keys []string
		for i := range p.cfArrayGetCount(found) {
			// Both are the array's, and go with it.
			if key, ok := p.string(p.cfDictionaryGetValue(p.cfArrayGetValueAt(found, i), p.account)); ok {
				keys = append(keys, key)
			}
		}
		return keys, nil
	})
}

// named returns the entries that name an item, and more.
func (k *Keychain) named(p *pool, key string, more ...pair) []pair {
	return append([]pair{
		{p.class, p.genericPassword},
		{p.service, p.text(k.service)},
		{p.account, p.text(key)},
	}, more...)
}
