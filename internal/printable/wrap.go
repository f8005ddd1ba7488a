package printable

import (
	"strings"
	"unicode"
)

// Columns returns how many columns of a terminal a line takes: two for each wide
// character of East Asia, none for a combining mark.
func Columns(line string) int {
	columns := 0
	for _, r := range line {
		switch {
		case unicode.Is(unicode.Mn, r):
		case wide(r):
			columns += 2
		default:
			columns++
		}
	}
	return columns
}

// wide reports whether a character takes two columns: the blocks of W and F in
// Unicode's EastAsianWidth.txt, without rare scripts.
func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || // Hangul
		r >= 0x2e80 && r <= 0xa4cf && r != 0x303f || // CJK, kana, Yi
		r >= 0xac00 && r <= 0xd7a3 || // Hangul syllables
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || // CJK compatibility
		r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || // full-width forms
		r >= 0x1f300 && r <= 0x1f64f || r >= 0x1f900 && r <= 0x1f9ff || // pictures
		r >= 0x20000 && r <= 0x3fffd)
}

// narrowest is the smallest width at which Wrap breaks lines. Below it, lines
// that the terminal breaks are easier to read.
const narrowest = 40

// Wrap breaks text between words into lines of at most width columns, and
// indents all but the first by two. It does not break a longer word, which is a
// path or name that people copy. It breaks nothing below 40 columns, and no line
// that is already indented, as in a table.
func Wrap(text string, width int) []string {
	if width < narrowest || strings.HasPrefix(text, " ") {
		return []string{text}
	}
	return Fill(text, width, "  ")
}

// Fill breaks text between words into lines of at most width columns, of any
// number, and puts indent before all but the first.
func Fill(text string, width int, indent string) []string {
	var lines []string
	line, columns := "", 0
	for _, word := range words(text) {
		length := Columns(strings.TrimRight(word, " "))
		if line != "" && columns+length > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line, columns = indent, len(indent)
		}
		line += word
		columns += Columns(word)
	}
	return append(lines, strings.TrimRight(line, " "))
}

// words cuts text where a line may end: after spaces, unless a Japanese particle
// follows, which belongs to the word before; and, because Japanese has no
// spaces, after its commas, full stops and phrases.
func words(text string) []string {
	var all []string
	start := 0
	var before rune
	for i, r := range text {
		if i > 0 && r != ' ' && (before == ' ' && !unicode.Is(unicode.Hiragana, r) || endsPhrase(before, r)) {
			all = append(all, text[start:i])
			start = i
		}
		before = r
	}
	return append(all, text[start:])
}

const (
	// closing are the characters with which no line of Japanese begins.
	closing = "、。」』）】ー・ゝ々,.;:!?)]"
	// particles are the hiragana at the end of a phrase: particles, and the ends of
	// verbs. Other hiragana may be inside a verb, as in 埋め込む.
	particles = "はがをにでとのへもやるたう"
)

// endsPhrase reports whether a line of Japanese may end between two characters:
// after a comma or full stop, or between a phrase's last hiragana and a character
// that is not hiragana.
func endsPhrase(before, r rune) bool {
	if strings.ContainsRune(closing, r) {
		return false
	}
	return strings.ContainsRune("、。", before) || strings.ContainsRune(particles, before) && !unicode.Is(unicode.Hiragana, r)
}
