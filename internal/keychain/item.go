//go:build darwin || linux

package keychain

import (
	"errors"
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// errText is the error for a name that CoreFoundation makes no string of.
var errText = errors.New("the keychain: a name is not UTF-8")

// Get returns an item. For an item that it may not read, the error is
// words.Denied or words.Locked, never keyring.ErrKeyNotFound.
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
	if status == itemNotFound {
		return nil, k.absent(p)
	}
	if status != success {
		return nil, k.mapError(status)
	}
	data, ok := p.bytes(found)
	if !ok {
		return nil, errors.New("the keychain: an item without data")
	}
	return data, nil
}

// unlocked reports whether the default keychain is known to be unlocked.
func (k *Keychain) unlocked(p *pool) bool {
	const unlockState = 1 // kSecUnlockStateStatus
	state, status := p.state()
	return status == success && state&unlockState != 0
}

// state returns the state of the default keychain: bits of SecKeychainStatus.
func (p *pool) state() (state uint32, status Status) {
	if p.secKeychainGetStatus == nil {
		return 0, notAvailable
	}
	status = p.secKeychainGetStatus(0, &state)
	return state, status
}

// absent returns the error for a search that found nothing. Security also finds
// nothing if it can't read the keychain's file (SecItem.cpp:5205), so a damaged
// keychain must not pass for an empty one.
func (k *Keychain) absent(p *pool) error {
	if _, status := p.state(); p.secKeychainGetStatus != nil && status != success { // mutation: a damaged keychain is not an empty one
		return k.mapError(status)
	}
	return keyring.ErrKeyNotFound
}

// Set writes an item in place of the one before, also if another build of this
// program wrote that one: macOS lets this build change and delete it, but not
// read it.
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
	change, whole := p.dictionary(content...), p.dictionary(k.named(p, item.Key, content...)...)
	if change == 0 || whole == 0 {
		return errText
	}
	status := p.secItemAdd(whole, nil)
	if status != duplicateItem {
		return k.mapError(status)
	}
	return k.replace(p, item.Key, change, whole)
}

// replace writes an item that exists. It changes only an item that it can read:
// changing one of another build succeeds, and then no program can read it. That
// one it deletes and writes anew, provided that the keychain accepts new items:
// otherwise a good session would be lost.
func (k *Keychain) replace(p *pool, key string, change, whole ref) error {
	_, err := k.read(p, key)
	if err == nil { // mutation: another build's item is not written to
		return k.mapError(p.secItemUpdate(p.dictionary(k.named(p, key)...), change))
	}
	if !errors.Is(err, k.words.Denied) {
		return err
	}
	if err := k.writable(p, key); err != nil { // mutation: what can not be written again is not deleted
		return err
	}
	if err := k.delete(p, key); err != nil && !errors.Is(err, keyring.ErrKeyNotFound) {
		return err
	}
	return k.mapError(p.secItemAdd(whole, nil))
}

// writable tries to add an item, and deletes it again. The keychain's state is
// not enough: Apple does not document whether a keychain that reports itself
// unlocked also accepts items, for example over SSH.
func (k *Keychain) writable(p *pool, key string) error {
	trial := key + " (try)"
	item := p.dictionary(k.named(p, trial, pair{p.valueData, p.data([]byte("x"))})...)
	if status := p.secItemAdd(item, nil); status != success && status != duplicateItem {
		return k.mapError(status)
	}
	return k.delete(p, trial)
}

// delete deletes an item, or returns keyring.ErrKeyNotFound.
func (k *Keychain) delete(p *pool, key string) error {
	name := k.named(p, key)
	if p.dictionary(name...) == 0 {
		return errText
	}
	status := p.delete(name)
	if status == itemNotFound { // mutation: nothing is forgotten in a damaged keychain
		return k.absent(p)
	}
	if status == invalidOwnerEdit || status.refused() && k.unlocked(p) {
		return fmt.Errorf("%w: %w", k.words.Kept(k.service, key), status)
	}
	return k.mapError(status)
}

// delete deletes the items that match a query. macOS refuses to delete an item
// that a program with another file name has written (SecItem.cpp:2177), unless
// it is given by reference, as "security delete-generic-password" does.
func (p *pool) delete(query []pair) Status {
	status := p.secItemDelete(p.dictionary(query...))
	if status == invalidOwnerEdit { // mutation: an item of another file name is deleted by reference
		return p.deleteByReference(query)
	}
	return status
}

// deleteByReference stops at the first item that can't be deleted.
func (p *pool) deleteByReference(query []pair) Status {
	if p.secKeychainItemDelete == nil {
		return invalidOwnerEdit
	}
	var items ref
	status := p.secItemCopyMatching(p.dictionary(append(query, pair{p.returnRef, p.yes}, pair{p.matchLimit, p.all})...), &items)
	if p.own(items); status != success {
		return status
	}
	for _, item := range p.elements(items) { // mutation: all passwords of a username are deleted
		if status := p.secKeychainItemDelete(item); status != success {
			return status
		}
	}
	return success
}

// Remove deletes an item, or returns keyring.ErrKeyNotFound.
func (k *Keychain) Remove(key string) error {
	_, err := do(k, func(p *pool) (struct{}, error) { return struct{}{}, k.delete(p, key) })
	return err
}

// Keys returns the keys of the service's items, also of those that may not be
// read.
func (k *Keychain) Keys() ([]string, error) {
	return do(k, func(p *pool) ([]string, error) {
		found, err := k.list(p, k.ours(p))
		var all []string
		for _, attributes := range found {
			if account, ok := p.string(p.cfDictionaryGetValue(attributes, p.account)); ok {
				all = append(all, account)
			}
		}
		return all, err
	})
}

// list returns the attributes of the items that match a query. They are valid
// until the pool is released.
func (k *Keychain) list(p *pool, query []pair) ([]ref, error) {
	whole := p.dictionary(append(query, pair{p.matchLimit, p.all}, pair{p.returnAttributes, p.yes})...)
	if whole == 0 {
		return nil, errText
	}
	var found ref
	status := p.secItemCopyMatching(whole, &found)
	p.own(found)
	if status == itemNotFound {
		if err := k.absent(p); !errors.Is(err, keyring.ErrKeyNotFound) {
			return nil, err
		}
		return nil, nil
	}
	if status != success {
		return nil, k.mapError(status)
	}
	return p.elements(found), nil
}

// named returns the query for the item of a key, and the entries more.
func (k *Keychain) named(p *pool, key string, more ...pair) []pair {
	return append(append(k.ours(p), pair{p.account, p.text(key)}), more...)
}

// ours returns the query for all items of the service.
func (k *Keychain) ours(p *pool) []pair {
	return p.inFile(pair{p.class, p.genericPassword}, pair{p.service, p.text(k.service)})
}

// inFile restricts a query to keychains in files. The data protection keychain
// holds none of the items, and to search it involves another process.
func (p *pool) inFile(query ...pair) []pair {
	if p.dataProtection != 0 {
		query = append(query, pair{p.dataProtection, p.no}) // mutation: the data protection keychain is not asked
	}
	return query
}
