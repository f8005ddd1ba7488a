package cache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/keyring"
)

const (
	// maxParts is the most parts of an item. On Windows, 26 parts hold 65 KB, the
	// longest line that git reads, and the session token is in one line.
	maxParts = 26

	// freeReads is how often an item is read without the lock. The first read fails
	// only if another process is writing the item.
	freeReads = 3
)

// parted is a keyring for items that are larger than another keyring allows. It
// cuts such an item into parts and writes them to one of two slots, the one not
// in use. Then it writes a head, under the item's own name, which makes the
// parts valid. So a writer that dies leaves the old item, and a reader beside a
// writer reads the old or the new one. The parts in the other slot hold secrets
// of the old item, or of a writer that died: every write and removal removes
// them.
type parted struct {
	ring keyring.Keyring
	max  int
	// lock keeps the writers of all processes out until unlock. It has a time limit.
	lock  func() (unlock func(), err error)
	trace func(format string, args ...any)
}

// Get reads without the lock, and takes it only if that fails several times:
// because of writers, a damaged item, or an error of the keyring.
func (p *parted) Get(key string) (keyring.Item, error) {
	for range freeReads {
		item, err := p.read(key)
		if err == nil || errors.Is(err, keyring.ErrKeyNotFound) || errors.Is(err, ErrTimeout) {
			return item, err
		}
	}
	unlock, err := p.lock()
	if err != nil {
		return keyring.Item{}, err
	}
	defer unlock()
	return p.read(key)
}

// read returns ErrKeyNotFound only for an item without a head.
func (p *parted) read(key string) (keyring.Item, error) {
	item, err := p.ring.Get(key)
	if err != nil {
		return keyring.Item{}, err
	}
	h, ok := parseHead(item.Data)
	if !ok {
		return item, nil
	}
	var data []byte
	for i := range h.parts {
		part, err := p.ring.Get(partName(key, h.slot, i))
		if errors.Is(err, keyring.ErrKeyNotFound) {
			return keyring.Item{}, fmt.Errorf("%w: part %d of %d is missing", errUnreadable, i+1, h.parts)
		}
		if err != nil {
			return keyring.Item{}, err
		}
		data = append(data, part.Data...)
	}
	if !h.fits(data) {
		return keyring.Item{}, fmt.Errorf("%w: its parts do not belong together", errUnreadable)
	}
	item.Data = data
	return item, nil
}

// Set writes an item in place of the one before. If parts of the old item can't
// be removed, it succeeds all the same, because the new item is stored.
func (p *parted) Set(item keyring.Item) error {
	unlock, err := p.lock() // mutation: parts: the lock of writers
	if err != nil {
		return err
	}
	defer unlock()
	old, err := p.ring.Get(item.Key)
	if err != nil && !absent(err) {
		return err
	}
	current, _ := parseHead(old.Data)
	next := current.slot.other() // mutation: parts: the other slot
	top, parts := item, [][]byte(nil)
	if len(item.Data) > p.max || isHead(item.Data) {
		if top.Data, parts, err = split(item.Data, next, p.max); err != nil {
			return err
		}
	}
	if err := p.put(top, next, parts); err != nil {
		return errors.Join(err, p.sweep(item.Key, next, 0))
	}
	if err := errors.Join(p.sweep(item.Key, next.other(), 0), p.sweep(item.Key, next, len(parts))); err != nil {
		p.trace("keyring: %s: parts of the old item are left: %v", item.Key, err)
	}
	return nil
}

// put writes the parts, and then top: the head that makes them valid, or, for a
// small item, the item itself.
func (p *parted) put(top keyring.Item, s slot, parts [][]byte) error {
	for i, data := range parts { // mutation: parts: the head last
		part := top
		part.Key, part.Data = partName(top.Key, s, i), data
		if err := p.ring.Set(part); err != nil {
			return err
		}
	}
	return p.ring.Set(top) // mutation: parts: the head last
}

// sweep removes the parts of a slot from number from on, also those behind a
// gap. It stops if the keyring does not answer.
func (p *parted) sweep(key string, s slot, from int) error {
	var errs []error
	for i := from; i < maxParts; i++ {
		err := p.ring.Remove(partName(key, s, i))
		if err != nil && !errors.Is(err, keyring.ErrKeyNotFound) {
			errs = append(errs, err)
		}
		if errors.Is(err, ErrTimeout) { // mutation: parts: a keyring that hangs
			break
		}
	}
	return errors.Join(errs...)
}

// Remove removes the head last. Until then Keys lists the item, so that a second
// try finds the rest.
func (p *parted) Remove(key string) error {
	unlock, err := p.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(p.sweep(key, slotA, 0), p.sweep(key, slotB, 0)); err != nil { // mutation: parts: the sweep of both slots
		return err
	}
	return p.ring.Remove(key)
}

// Keys returns no names of parts, but also the names of items of which only
// parts are left, so that they can be removed.
func (p *parted) Keys() ([]string, error) {
	names, err := p.ring.Keys()
	seen := map[string]bool{}
	var keys []string
	for _, name := range names {
		if key := itemName(name); !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys, err
}

// split cuts data into parts of at most size bytes, and returns the head for
// slot s as well.
func split(data []byte, s slot, size int) (top []byte, parts [][]byte, err error) {
	for rest := data; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		parts = append(parts, rest[:min(size, len(rest))])
	}
	if len(parts) > maxParts {
		return nil, nil, fmt.Errorf("the item has %d bytes, and the keyring takes at most %d", len(data), maxParts*size)
	}
	return newHead(s, data, len(parts)).encode(), parts, nil
}

// slot is one of the two places for the parts of an item.
type slot string

const (
	slotA slot = "a"
	slotB slot = "b"
)

// other returns the slot to write to: the one that is not s, or slotA if s is "".
func (s slot) other() slot {
	if s == slotA {
		return slotB
	}
	return slotA
}

// head is stored under the name of an item in parts, and tells which parts.
type head struct {
	slot  slot
	parts int
	size  int
	sum   [sha256.Size]byte
}

// The format of a head. Items do not begin like it, because they are JSON.
const (
	headMark   = "git-credential-mfa parts "
	headFormat = headMark + "%s %d %d %x"
)

func newHead(s slot, data []byte, parts int) head {
	return head{slot: s, parts: parts, size: len(data), sum: sha256.Sum256(data)}
}

func (h head) encode() []byte { return fmt.Appendf(nil, headFormat, h.slot, h.parts, h.size, h.sum) }

func isHead(data []byte) bool { return bytes.HasPrefix(data, []byte(headMark)) }

// parseHead returns the head that encode wrote, or false for anything else,
// which is an item.
func parseHead(data []byte) (head, bool) {
	if !isHead(data) {
		return head{}, false
	}
	var h head
	var name string
	var sum []byte
	if _, err := fmt.Sscanf(string(data), headFormat, &name, &h.parts, &h.size, &sum); err != nil || len(sum) != len(h.sum) {
		return head{}, false
	}
	h.slot = slot(name)
	copy(h.sum[:], sum)
	ours := (h.slot == slotA || h.slot == slotB) && h.parts >= 1 && h.parts <= maxParts
	return h, ours && bytes.Equal(h.encode(), data)
}

// fits reports whether data is what the head was written for.
func (h head) fits(data []byte) bool { return len(data) == h.size && sha256.Sum256(data) == h.sum } // mutation: parts: the checksum

// partName returns the name of a part. Names of items have no full stop.
func partName(key string, s slot, i int) string { return fmt.Sprintf("%s.%s%d", key, s, i) }

// itemName returns the name of a part's item, or, of another name, that name.
func itemName(name string) string {
	key, _, _ := strings.Cut(name, ".")
	return key
}
