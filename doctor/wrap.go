package doctor

import (
	"strings"
	"unicode/utf8"
)

// narrowest is the width below which a column of words is harder to read than
// lines that the terminal breaks itself.
const narrowest = 40

// broken breaks text between words into lines of at most width columns, the
// later ones indented by two. A word that is longer stays whole, since it is
// a path or a name to copy; a line that is indented already is a table's or
// a document's and stays as it is.
func broken(text string, width int) []string {
	if width < narrowest || strings.HasPrefix(text, " ") {
		return []string{text}
	}
	var lines []string
	line, columns := "", 0
	for i, word := range strings.Split(text, " ") {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			line, columns = word, length
		case columns+1+length > width:
			lines = append(lines, line)
			line, columns = "  "+word, 2+length
		default:
			line, columns = line+" "+word, columns+1+length
		}
	}
	return append(lines, line)
}
