// Package printable makes text safe to show to a person. Names of files,
// profiles and devices, what AWS answers and what other programs say may hold
// any character: some steer the terminal (move the cursor, set its title, hide
// what stands there), others turn the direction of writing, so that a line
// reads otherwise than it is (CVE-2021-42574). All that people are shown goes
// through here.
package printable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// steers reports whether a character steers a terminal or turns the direction
// of writing: the control characters C0, DEL and C1 but for the tab, Unicode's
// Bidi_Control, and its line and paragraph separators.
func steers(r rune) bool {
	if r >= ' ' && r < 0x7f || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Line returns text as one line: "?" stands for each character that steers,
// line ends among them, and U+FFFD for bytes that are not UTF-8.
func Line(text string) string {
	return replace(text, steers)
}

// Text is Line for text of several lines: line feeds stay.
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

// WriteJSON writes a value as indented JSON, with "\uXXXX" for the characters
// that steer: encoding/json escapes only those below U+0020 and the
// separators. "<", ">" and "&" stay as they are.
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
		// Only JSON's strings hold such characters.
		if r != '\n' && steers(r) { // mutation: no character of JSON steers the terminal
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
