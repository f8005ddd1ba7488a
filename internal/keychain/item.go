//go:build darwin || linux

package keychain

import (
	"errors"
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

// errText is for what CoreFoundation can't make a string of, which is what is
// not UTF-8.
var errText = errors.New("the keychain: a name is not UTF-8")

// Get reads an item. One that may not be read is words.Denied or words.Locked,
// never keyring.ErrKeyNotFound.
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
		return nil, k.meaning(status)
	}
	data, ok := p.bytes(found)
	if !ok {
		return nil, errors.New("the keychain: an item without data")
	}
	return data, nil
}

// unlocked reports whether the default keychain is open. When that can't be
// known, it is not.
func (k *Keychain) unlocked(p *pool) bool {
	const unlockState = 1 // kSecUnlockStateStatus
	state, status := p.state()
	return status == success && state&unlockState != 0
}

// state is that of the default keychain: bits of SecKeychainStatus.
func (p *pool) state() (state uint32, status Status) {
	if p.secKeychainGetStatus == nil {
		return 0, notAvailable
	}
	status = p.secKeychainGetStatus(0, &state)
	return state, status
}

// absent is what a search that found nothing means. It also ends so where the
// keychain's file can't be read (SecItem.cpp:5205), and a damaged keychain is
// not an empty one.
func (k *Keychain) absent(p *pool) error {
	if _, status := p.state(); p.secKeychainGetStatus != nil && status != success { // mutation: a damaged keychain is not an empty one
		return k.meaning(status)
	}
	return keyring.ErrKeyNotFound
}

// Set writes an item in place of the one before. What another build of this
// program has left, which macOS lets this one remove and write, but not read,
// is replaced too.
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
		return k.meaning(status)
	}
	return k.replace(p, item.Key, change, whole)
}

// replace writes an item that is there. Only one that can be read is changed:
// writing another build's succeeds, and leaves it to no program. Such a one is
// deleted, if the keychain takes other items: what lies in a locked one may be
// a good session.
func (k *Keychain) replace(p *pool, key string, change, whole ref) error {
	_, err := k.read(p, key)
	if err == nil { // mutation: another build's item is not written to
		return k.meaning(p.secItemUpdate(p.dictionary(k.named(p, key)...), change))
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
	return k.meaning(p.secItemAdd(whole, nil))
}

// writable adds and deletes an item of its own. The keychain's state would not
// do: whether one that calls itself open takes items, over SSH say, Apple's
// documents do not tell, and what can't be written again must not be deleted.
func (k *Keychain) writable(p *pool, key string) error {
	trial := key + " (try)"
	item := p.dictionary(k.named(p, trial, pair{p.valueData, p.data([]byte("x"))})...)
	if status := p.secItemAdd(item, nil); status != success && status != duplicateItem {
		return k.meaning(status)
	}
	return k.delete(p, trial)
}

// delete deletes an item. macOS refuses this for one that a program of another
// file name has written (SecItem.cpp:2177), but not when the item is named by a
// reference, as "security delete-generic-password" does.
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
	return k.meaning(status)
}

// delete deletes the items that some entries name.
func (p *pool) delete(name []pair) Status {
	status := p.secItemDelete(p.dictionary(name...))
	if status == invalidOwnerEdit { // mutation: an item of another file name is deleted by reference
		return p.deleteByReference(name)
	}
	return status
}

// deleteByReference stops at the first item that stays.
func (p *pool) deleteByReference(name []pair) Status {
	if p.secKeychainItemDelete == nil {
		return invalidOwnerEdit
	}
	var items ref
	status := p.secItemCopyMatching(p.dictionary(append(name, pair{p.returnRef, p.yes}, pair{p.matchLimit, p.all})...), &items)
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

// Keys lists the items of our service, those too that may not be read.
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

// list returns the attributes of the items that some entries name. They are the
// pool's.
func (k *Keychain) list(p *pool, name []pair) ([]ref, error) {
	query := p.dictionary(append(name, pair{p.matchLimit, p.all}, pair{p.returnAttributes, p.yes})...)
	if query == 0 {
		return nil, errText
	}
	var found ref
	status := p.secItemCopyMatching(query, &found)
	p.own(found)
	if status == itemNotFound {
		if err := k.absent(p); !errors.Is(err, keyring.ErrKeyNotFound) {
			return nil, err
		}
		return nil, nil
	}
	if status != success {
		return nil, k.meaning(status)
	}
	return p.elements(found), nil
}

// named returns the entries that name an item, and more.
func (k *Keychain) named(p *pool, key string, more ...pair) []pair {
	return k.ours(p, append([]pair{{p.account, p.text(key)}}, more...)...)
}

// ours returns the entries that stand for all our items, and more. The data
// protection keychain has none of them, and asking it takes another process, so
// it is left out.
func (k *Keychain) ours(p *pool, more ...pair) []pair {
	pairs := append([]pair{{p.class, p.genericPassword}, {p.service, p.text(k.service)}}, more...)
	if p.dataProtection != 0 {
		pairs = append(pairs, pair{p.dataProtection, p.no}) // mutation: the data protection keychain is not asked
	}
	return pairs
}
