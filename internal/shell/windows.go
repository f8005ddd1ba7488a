package shell

import "strings"

// QuoteWindows returns a text as one word of a command line that a program on
// Windows splits itself (CommandLineToArgvW). Characters that are special to
// cmd.exe are quoted, too, but nothing keeps cmd.exe from replacing %NAME%.
func QuoteWindows(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return r != '\\' && (!isPlain(r) || r == ',' || r == '=') }) < 0 {
		return word
	}
	var out strings.Builder
	out.WriteByte('"')
	backslashes := 0
	for i := range len(word) {
		switch word[i] {
		case '\\':
			backslashes++
		case '"': // the backslashes before it would be halved
			out.WriteString(strings.Repeat(`\`, backslashes+1))
			backslashes = 0
		default:
			backslashes = 0
		}
		out.WriteByte(word[i])
	}
	out.WriteString(strings.Repeat(`\`, backslashes))
	out.WriteByte('"')
	return out.String()
}

// SplitWindows splits a command line into words as C programs on Windows do: a
// backslash is special only before a double quote, since paths contain
// backslashes. In addition, single quotes keep spaces. The error is
// ErrUnfinished.
func SplitWindows(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quote := false, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		count := len(line[i:]) - len(strings.TrimLeft(line[i:], `\`))
		next := i + count
		switch {
		case count > 0 && quote != '\'' && next < len(line) && line[next] == '"':
			word.WriteString(line[i : i+count/2])
			i, inWord = next-1, true
			if count%2 == 1 {
				word.WriteByte('"')
				i = next
			}
		case c == '"' && quote == '"' && strings.HasPrefix(line[i+1:], `"`):
			word.WriteByte('"')
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, inWord = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	if quote != 0 {
		return words, ErrUnfinished
	}
	return words, nil
}
