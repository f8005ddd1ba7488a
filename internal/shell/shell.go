// Package shell quotes and splits the words of a command line: for sh, which
// git uses for its helpers on every system, and for programs on Windows. It
// runs nothing and reads no file.
package shell

import (
	"errors"
	"strings"
)

// ErrUnfinished is for a command line that ends within quotes, or on a
// backslash that has nothing to keep.
var ErrUnfinished = errors.New("it ends within quotes or after a backslash")

// Quote returns a text as one word of sh: as it is when it is plain, else in
// single quotes.
func Quote(word string) string {
	if word != "" && word[0] != '=' && strings.IndexFunc(word, func(r rune) bool { return !isPlain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Join returns a command line of which sh makes these words again.
func Join(words ...string) string { return join(words, Quote) }

// Escape is Quote with backslashes only. git takes a helper for an absolute
// path by its first character, so that this can be no quote
// (credential_do in git's credential.c). A text with a line end can't be
// escaped: sh takes a backslash before one for a joined line.
func Escape(word string) string {
	var out strings.Builder
	for i := range len(word) {
		// Bytes above ASCII mean nothing to sh, and are parts of characters.
		if c := word[i]; c < 0x80 && !isPlain(rune(c)) {
			out.WriteByte('\\')
		}
		out.WriteByte(word[i])
	}
	return out.String()
}

// isPlain is true for characters that mean nothing to a shell, wherever they
// stand in a word but at the beginning ("=", in zsh).
func isPlain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@+,=", r)
}

func join(words []string, quote func(string) string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return strings.Join(quoted, " ")
}

// Split cuts a command line into words at blanks and line ends. Quotes and
// backslashes mean what they mean to sh; all else is text, "$" and ";" too,
// since no shell will see it. The error is ErrUnfinished.
func Split(line string) ([]string, error) {
	words, rest, err := split(line, "")
	if err == nil && rest != "" {
		err = ErrUnfinished
	}
	return words, err
}

// Words returns the words at the beginning of a command line of sh, up to the
// first character by which the shell would do more than split: a variable, a
// pipe, a comment, the next command. A "~" and what stands in double quotes
// are taken as they are written.
func Words(line string) []string {
	words, _, _ := split(line, "|&;<>()$`\n")
	return words
}

// split cuts a line up to one of the bytes in stop, outside of quotes. With
// stop, a word that begins with "#" is a comment.
func split(line, stop string) (words []string, rest string, err error) {
	var word strings.Builder
	inWord := false
	for line != "" && strings.IndexByte(stop, line[0]) < 0 && !(stop != "" && line[0] == '#' && !inWord) {
		if isBlank := strings.IndexByte(" \t\n", line[0]) >= 0; isBlank {
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord, line = false, line[1:]
			continue
		}
		text, length := part(line)
		if length > len(line) {
			length, err = len(line), ErrUnfinished
		}
		inWord = inWord || line[:length] != "\\\n"
		word.WriteString(text)
		line = line[length:]
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, line, err
}

// part returns what the quotes, the escaped byte or the byte at the beginning
// of a line stand for, and how long that is written: longer than the line when
// its end is missing.
func part(line string) (text string, length int) {
	switch line[0] {
	case '\\':
		if line == `\` {
			return `\`, 2
		}
		if line[1] == '\n' {
			return "", 2 // sh joins the two lines
		}
		return line[1:2], 2
	case '\'':
		text, _, _ = strings.Cut(line[1:], "'")
		return text, len(text) + 2
	case '"':
		return doubleQuoted(line)
	}
	return line[:1], 1
}

// doubleQuoted reads up to the second quote. Within, a backslash stays unless
// it keeps one of $ ` " \ or joins two lines.
func doubleQuoted(line string) (text string, length int) {
	var out strings.Builder
	i := 1
	for ; i < len(line) && line[i] != '"'; i++ {
		if line[i] == '\\' && i+1 < len(line) && strings.IndexByte("$`\"\\\n", line[i+1]) >= 0 {
			i++
			if line[i] == '\n' {
				continue
			}
		}
		out.WriteByte(line[i])
	}
	return out.String(), i + 1
}

// QuotePowerShell returns a text as one word of PowerShell.
func QuotePowerShell(word string) string { return "'" + strings.ReplaceAll(word, "'", "''") + "'" }
