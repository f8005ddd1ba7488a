package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The little of D-Bus's language that reading one secret takes, by the D-Bus
// Specification, "Message Protocol": calls as bytes, and replies read in place.
// godbus makes both by reflection, an array of bytes one by one, and reads in a
// goroutine, which is a fifth of a cached answer.

// errOdd is for a reply that is not the one that was expected. godbus then asks
// anew.
var errOdd = errors.New("an unexpected answer on the bus")

// maxMessage is more than any item needs.
const maxMessage = 1 << 20

// The types of messages, and the header's fields.
const (
	methodCall, methodReturn, errorReply = 1, 2, 3

	fieldPath, fieldInterface, fieldMember, fieldReplySerial, fieldDestination, fieldSignature = 1, 2, 3, 5, 6, 8
)

// writer appends values in the byte order of PCs, each at its alignment.
type writer []byte

func (w *writer) align(n int) {
	for len(*w)%n != 0 {
		*w = append(*w, 0)
	}
}

func (w *writer) uint32(n int) {
	w.align(4)
	*w = binary.LittleEndian.AppendUint32(*w, uint32(n))
}

// text appends a string or an object path.
func (w *writer) text(s string) {
	w.uint32(len(s))
	*w = append(append(*w, s...), 0)
}

func (w *writer) signature(s string) {
	*w = append(append(append(*w, byte(len(s))), s...), 0)
}

// textMap appends a map of strings, a{ss}.
func (w *writer) textMap(pairs ...[2]string) {
	w.uint32(0)
	size := len(*w) - 4
	w.align(8)
	start := len(*w)
	for _, pair := range pairs {
		w.align(8)
		w.text(pair[0])
		w.text(pair[1])
	}
	binary.LittleEndian.PutUint32((*w)[size:], uint32(len(*w)-start))
}

// call is a method that is called.
type call struct{ destination, path, interfaceName, member, signature string }

// message returns the bytes of a call. The body holds the arguments, of the
// types of the signature.
func (c call) message(serial int, body writer) []byte {
	w := writer{'l', methodCall, 0, 1}
	w.uint32(len(body))
	w.uint32(serial)
	w.uint32(0)
	start := len(w)
	for _, field := range []struct {
		code  byte
		kind  string
		value string
	}{
		{fieldPath, "o", c.path}, {fieldInterface, "s", c.interfaceName}, {fieldMember, "s", c.member},
		{fieldDestination, "s", c.destination}, {fieldSignature, "g", c.signature},
	} {
		w.align(8)
		w = append(w, field.code)
		w.signature(field.kind)
		if field.kind == "g" {
			w.signature(field.value)
		} else {
			w.text(field.value)
		}
	}
	binary.LittleEndian.PutUint32(w[start-4:], uint32(len(w)-start))
	w.align(8)
	return append(w, body...)
}

// reader takes values from a message. At the first that is not there it fails
// for good.
type reader struct {
	data   []byte
	at     int
	failed bool
}

// take returns n bytes from the next multiple of alignment on.
func (r *reader) take(alignment, n int) []byte {
	start := (r.at + alignment - 1) / alignment * alignment
	if r.failed || n < 0 || n > len(r.data) || start > len(r.data)-n {
		r.failed = true
		return nil
	}
	r.at = start + n
	return r.data[start:r.at]
}

func (r *reader) byte() byte {
	if b := r.take(1, 1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() int {
	if b := r.take(4, 4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// text returns a string or an object path.
func (r *reader) text() string {
	s := r.take(1, r.uint32())
	r.take(1, 1)
	return string(s)
}

func (r *reader) signature() string {
	s := r.take(1, int(r.byte()))
	r.take(1, 1)
	return string(s)
}

// bytes returns an array of bytes, without copying it.
func (r *reader) bytes() []byte { return r.take(1, r.uint32()) }

// texts returns an array of strings or object paths.
func (r *reader) texts() []string {
	var all []string
	size := r.uint32()
	for end := r.at + size; r.at < end && !r.failed; {
		r.align(4)
		all = append(all, r.text())
	}
	return all
}

func (r *reader) align(n int) { r.take(n, 0) }

// reply is a message that was received.
type reply struct {
	kind      byte
	serial    int // of the call that it replies to, 0 for a signal
	signature string
	body      reader
}

// headerSize is that of the part of a message that tells how long the rest is.
const headerSize = 16

// restOf returns how many bytes of a message follow after the first of it.
func restOf(head []byte) (int, error) {
	r := reader{data: head, at: 4}
	body := r.uint32()
	r.uint32()
	fields := r.uint32()
	if head[0] != 'l' || fields > maxMessage || body > maxMessage {
		return 0, errOdd
	}
	return (fields+7)/8*8 + body, nil
}

// parse reads a whole message.
func parse(data []byte) (reply, error) {
	r := reader{data: data, at: 12}
	m := reply{kind: data[1]}
	size := r.uint32()
	for end := r.at + size; r.at < end && !r.failed; {
		r.align(8)
		code := r.byte()
		switch kind := r.signature(); {
		case kind == "u" && code == fieldReplySerial:
			m.serial = r.uint32()
		case kind == "u":
			r.uint32()
		case kind == "g" && code == fieldSignature:
			m.signature = r.signature()
		case kind == "s" || kind == "o":
			r.text()
		default:
			return m, fmt.Errorf("%w: a header field of type %q", errOdd, kind)
		}
	}
	r.align(8)
	if r.failed {
		return m, errOdd
	}
	m.body = reader{data: data[r.at:]}
	return m, nil
}
