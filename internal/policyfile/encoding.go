package policyfile

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode undoes what a file's text may be written in: Windows PowerShell's ">"
// writes UTF-16, and some editors a byte-order mark. Package policy does the
// same for a document; here it is needed to see what kind of file it is.
func decode(raw []byte) []byte {
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

// oneLine makes a text stand on one line, so that package policy's lines are
// all the one on which a document stands as a string. In JSON a line break is
// white space, or an error on either line.
func oneLine(text string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
}
