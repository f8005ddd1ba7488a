//go:build darwin || linux

package keychain

import (
	"bytes"
	"time"
	"unsafe"
)

// pool holds the references that one operation has to release. By
// CoreFoundation's rule, the caller of a function with Create or Copy in its
// name owns the result and releases it once; the result of a Get is borrowed.
type pool struct {
	*library
	owned []ref
}

// release releases all owned references.
func (p *pool) release() {
	for _, r := range p.owned {
		p.cfRelease(r)
	}
}

// own adds a reference, unless it is 0, and returns it.
func (p *pool) own(r ref) ref {
	if r != 0 {
		p.owned = append(p.owned, r)
	}
	return r
}

// text makes a CFString. It returns 0 if s is not UTF-8.
func (p *pool) text(s string) ref {
	b := append([]byte(s), 0) // one byte more, so that "" has an address too
	return p.own(p.cfStringCreate(0, &b[0], len(s), utf8, 0))
}

// data makes a CFData.
func (p *pool) data(b []byte) ref {
	return p.own(p.cfDataCreate(0, unsafe.SliceData(append(b[:len(b):len(b)], 0)), len(b)))
}

// pair is an entry of a dictionary.
type pair struct{ key, value ref }

// dictionary makes a CFDictionary, which retains its entries. It returns 0 if a
// value is 0, that is, could not be made.
func (p *pool) dictionary(pairs ...pair) ref {
	keys, values := make([]ref, len(pairs)), make([]ref, len(pairs))
	for i, entry := range pairs {
		if entry.value == 0 {
			return 0
		}
		keys[i], values[i] = entry.key, entry.value
	}
	return p.own(p.cfDictionaryCreate(0, &keys[0], &values[0], len(pairs), p.keyCallbacks, p.valueCallbacks))
}

// bytes copies a CFData. ok is false for anything else.
func (l *library) bytes(r ref) (b []byte, ok bool) {
	if r == 0 || l.cfGetTypeID(r) != l.cfDataGetTypeID() {
		return nil, false
	}
	return bytes.Clone(unsafe.Slice(l.cfDataGetBytePtr(r), l.cfDataGetLength(r))), true
}

// string copies a CFString. ok is false for anything else.
func (l *library) string(r ref) (s string, ok bool) {
	if r == 0 || l.cfGetTypeID(r) != l.cfStringGetTypeID() {
		return "", false
	}
	size := l.cfStringMaximumSize(l.cfStringGetLength(r), utf8)
	if size < 0 { // kCFNotFound: longer than a buffer can be
		return "", false
	}
	buffer := make([]byte, size+1)
	if l.cfStringGetCString(r, &buffer[0], len(buffer), utf8) == 0 {
		return "", false
	}
	return string(buffer[:bytes.IndexByte(buffer, 0)]), true
}

// elements returns those of a CFArray. They are valid until it is released.
func (l *library) elements(array ref) []ref {
	all := make([]ref, l.cfArrayGetCount(array))
	for i := range all {
		all[i] = l.cfArrayGetValueAt(array, i)
	}
	return all
}

// epoch is the start of CFAbsoluteTime, 2001-01-01, in Unix seconds.
const epoch = 978307200

// time returns the time of a CFDate, or zero for anything else.
func (l *library) time(r ref) time.Time {
	if r == 0 || l.cfGetTypeID(r) != l.cfDateGetTypeID() {
		return time.Time{}
	}
	return time.Unix(epoch+int64(l.cfDateGetAbsoluteTime(r)), 0)
}
