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
	// maxParts bounds a sweep. 26 parts of Windows are 65 KB, the longest line of
	// git's protocol, which has to hold the session token.
	maxParts = 26

	// freeReads is how often an item is read without the lock. More than one is
	// needed only beside a writer.
	freeReads = 3
)

// parted is a keyring for items that are larger than what the keyring below it
// takes. Such an item is cut into parts, which go to the one of two slots that
// is not in use; then a head, under the item's own name, puts them in force. So
// a writer that dies half-way leaves the old item, and a reader beside a writer
// the old one or the new one. The parts of the slot that is no longer in use
// hold secrets: every write and every removal sweeps both, whoever left them.
type parted struct {
	ring keyring.Keyring
	max  int
	// lock keeps other writers out, in all processes, until unlock. It has a limit.
	lock  func() (unlock func(), err error)
	trace func(format string, args ...any)
}

// Get reads without the lock, which the usual case has no need of, and with it
// only when that fails: either the writers were faster, or the item is damaged,
// or the keyring fails.
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

// Set puts an item in the old one's place. What it can't sweep afterwards is no
// reason to lose a session that is stored.
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

// put writes the parts, and then the item or head that makes them count.
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

// Remove takes the head away last: as long as there are parts, Keys names the
// item, and a second try finds it.
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

// Keys hides parts, but not an item of which only parts are left: it is there
// to be removed.
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

// split cuts data into parts of that many bytes, and returns their head.
func split(data []byte, s slot, size int) (top []byte, parts [][]byte, err error) {
	for rest := data; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		parts = append(parts, rest[:min(size, len(rest))])
	}
	if len(parts) > maxParts {
		return nil, nil, fmt.Errorf("%d bytes are too many for the keyring, which takes %d", len(data), maxParts*size)
	}
	return newHead(s, data, len(parts)).encode(), parts, nil
}

// slot is one of the two places for the parts of an item.
type slot string

const (
	slotA slot = "a"
	slotB slot = "b"
)

// other returns the slot to write while s is in use; a when none is.
func (s slot) other() slot {
	if s == slotA {
		return slotB
	}
	return slotA
}

// head stands in the place of an item that is kept in parts, and says which
// parts are its.
type head struct {
	slot  slot
	parts int
	size  int
	sum   [sha256.Size]byte
}

// No item of ours begins so: they are JSON.
const (
	headMark   = "git-credential-mfa parts "
	headFormat = headMark + "%s %d %d %x"
)

func newHead(s slot, data []byte, parts int) head {
	return head{slot: s, parts: parts, size: len(data), sum: sha256.Sum256(data)}
}

func (h head) encode() []byte { return fmt.Appendf(nil, headFormat, h.slot, h.parts, h.size, h.sum) }

func isHead(data []byte) bool { return bytes.HasPrefix(data, []byte(headMark)) }

// parseHead returns what encode wrote, and false for anything else: that is an
// item itself.
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

// fits reports whether data is what the head was made for.
func (h head) fits(data []byte) bool { return len(data) == h.size && sha256.Sum256(data) == h.sum } // mutation: parts: the checksum

// partName names a part. Items' own names hold no full stop.
func partName(key string, s slot, i int) string { return fmt.Sprintf("%s.%s%d", key, s, i) }

// itemName is the name of the item that a part is of, or the name itself.
func itemName(name string) string {
	key, _, _ := strings.Cut(name, ".")
	return key
}
