package policy

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"unicode/utf16"
)

// plain undoes what documents go through on their way into a file: Windows
// PowerShell's ">" writes UTF-16, some editors a byte-order mark, and the IAM
// API returns documents percent-encoded by RFC 3986 (GetPolicyVersion in the IAM
// API reference).
func plain(text []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		text = decodeUTF16(text[2:], binary.LittleEndian)
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		text = decodeUTF16(text[2:], binary.BigEndian)
	}
	text = bytes.TrimPrefix(text, []byte{0xEF, 0xBB, 0xBF})
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte{'%'}) {
		return text, nil
	}
	// Not QueryUnescape, which would turn a "+" into a space.
	decoded, err := url.PathUnescape(string(bytes.TrimSpace(text)))
	return []byte(decoded), err
}

func decodeUTF16(text []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, 0, len(text)/2)
	for ; len(text) >= 2; text = text[2:] {
		units = append(units, order.Uint16(text))
	}
	return []byte(string(utf16.Decode(units)))
}
