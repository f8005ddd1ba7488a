// Package printable makes text safe to show. Names of files, profiles and
// devices, and texts of AWS and of other programs, may hold any character. Some
// control the terminal: they move the cursor, set its title or hide text. Others
// change the direction of writing, so that a line reads differently from what it
// is (CVE-2021-42574). All output for people goes through this package.
package printable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// steers reports whether a character controls a terminal or the direction of
// writing: the control characters C0, DEL and C1 except the tab, Unicode's
// Bidi_Control, and its line and paragraph separators.
func steers(r rune) bool {
	if r >= ' ' && r < 0x7f || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Line returns text as one line, with "?" for each control character, also a
// line end, and U+FFFD for bytes that are not UTF-8.
func Line(text string) string {
	return replace(text, steers)
}

// Text is Line for several lines: it leaves line feeds.
func Text(text string) string {
	return replace(text, func(r rune) bool { return r != '\n' && steers(r) })
}

func replace(text string, unwanted func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if unwanted(r) {
			return '?'
		}
		return r
	}, text)
}

// WriteJSON writes a value as indented JSON, with "\uXXXX" for all control
// characters: encoding/json escapes only those below U+0020 and the separators.
// It does not escape "<", ">" and "&".
func WriteJSON(w io.Writer, value any) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	var out strings.Builder
	for _, r := range encoded.String() {
		// Such a character is in a string, where an escape is allowed.
		if r != '\n' && steers(r) { // mutation: no character of JSON steers the terminal
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
