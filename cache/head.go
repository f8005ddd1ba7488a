package cache

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
)

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

// head stands in the place of an item that is kept in parts, and says which parts are its.
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

// parseHead returns what encode wrote. All else is an item itself, and none of ours.
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
