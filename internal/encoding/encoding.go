// Package encoding reads text as programs on Windows write it: PowerShell's ">"
// and pipes write UTF-16, and some editors a byte order mark.
package encoding

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF8 returns a text in UTF-8 without a byte order mark. It is not checked.
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
	// Piece by piece into the text itself: runes of a whole account's details
	// would take ten times its size.
	text := make([]byte, 0, len(raw)/2+len(raw)/16)
	for raw = raw[2:]; len(raw) >= 2; raw = raw[2:] {
		r := rune(order.Uint16(raw))
		if utf16.IsSurrogate(r) && len(raw) >= 4 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(raw[2:]))); pair != utf8.RuneError {
				r, raw = pair, raw[2:]
			}
		}
		text = utf8.AppendRune(text, r) // a half of a pair becomes U+FFFD
	}
	return text
}
