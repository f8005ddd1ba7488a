// Package encoding decodes text of programs on Windows: PowerShell's ">" and
// pipes write UTF-16, and some editors write a byte order mark.
package encoding

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF8 returns a text in UTF-8, without a byte order mark. Text in UTF-16 must
// have one. UTF8 does not check text that is neither.
func UTF8(raw []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(raw, []byte{0xEF, 0xBB, 0xBF})
	}
	// Without a slice of runes, which would take much memory for the details of a
	// whole account.
	text := make([]byte, 0, len(raw)/2+len(raw)/16)
	for raw = raw[2:]; len(raw) >= 2; raw = raw[2:] {
		r := rune(order.Uint16(raw))
		if utf16.IsSurrogate(r) && len(raw) >= 4 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(raw[2:]))); pair != utf8.RuneError {
				r, raw = pair, raw[2:]
			}
		}
		text = utf8.AppendRune(text, r) // half a pair becomes U+FFFD
	}
	return text
}
