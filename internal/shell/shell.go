// Package shell quotes and splits the words of a command line, for sh, which git
// uses for its helpers on every system, and for programs on Windows. It runs
// nothing and reads no files.
package shell

import (
	"errors"
	"strings"
)

// ErrUnfinished is for a command line that ends within quotes or after a
// backslash.
var ErrUnfinished = errors.New("it ends within quotes or after a backslash")

// Quote returns a text as one word for sh, in single quotes if they are needed.
func Quote(word string) string {
	if word != "" && word[0] != '=' && strings.IndexFunc(word, func(r rune) bool { return !isPlain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Join returns a command line that sh splits into these words.
func Join(words ...string) string { return join(words, Quote) }

// Escape is like Quote, but uses backslashes. git recognises a helper with an
// absolute path by its first character, which therefore must not be a quote
// (credential_do in git's credential.c). A text with a line end can't be escaped,
// since sh joins lines at a backslash.
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

// isPlain reports whether a character has no special meaning to a shell, except
// at the beginning of a word ("=" in zsh).
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

// Split splits a command line into words at spaces, tabs and line ends. Quotes and
// backslashes work as in sh; everything else is text, including "$" and ";", since
// no shell runs it. The error is ErrUnfinished.
func Split(line string) ([]string, error) {
	words, rest, err := split(line, "")
	if err == nil && rest != "" {
		err = ErrUnfinished
	}
	return words, err
}

// Words returns the first words of a command line for sh, up to the first
// character at which sh would do more than split: a variable, a pipe, a comment,
// the next command. "~" and the text in double quotes are not expanded.
func Words(line string) []string {
	words, _, _ := split(line, "|&;<>()$`\n")
	return words
}

// split splits a line up to the first of the bytes in stop outside quotes, and
// returns the rest. If stop is not empty, a word that begins with "#" is a
// comment.
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

// part returns the text of the quoted part, the escaped byte or the plain byte at
// the beginning of a line, and its length in the line. The length is beyond the
// line if the end is missing.
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

// doubleQuoted is part for double quotes. In these, a backslash is text unless it
// precedes one of $ ` " \ or a line end.
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

// QuotePowerShell returns a text as one word for PowerShell.
func QuotePowerShell(word string) string { return "'" + strings.ReplaceAll(word, "'", "''") + "'" }
