package gitconfig

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

var errControl = errors.New("it holds a control character, which a line of git's configuration can't")

// Command words a value of credential.helper that runs a program, by its
// absolute path, with arguments. git hands it to sh, on Windows too.
func Command(path string, args ...string) (string, error) {
	return command(runtime.GOOS == "windows", path, args)
}

func command(windows bool, path string, args []string) (string, error) {
	if windows {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	words := []string{escapePath(path)}
	for _, arg := range args {
		words = append(words, quoteArgument(arg))
	}
	line := strings.Join(words, " ")
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("writing %q into git's configuration: %w", line, errControl)
	}
	return line, nil
}

// escapePath quotes by backslashes only: a value that begins with a quote is
// not an absolute path to git any more but the name of a helper
// (is_absolute_path in credential_do).
func escapePath(path string) string {
	var out strings.Builder
	for i := range len(path) {
		if !isPlain(path[i]) {
			out.WriteByte('\\')
		}
		out.WriteByte(path[i])
	}
	return out.String()
}

// quoteArgument puts into single quotes what is not plain.
func quoteArgument(arg string) string {
	plain := arg != ""
	for i := range len(arg) {
		plain = plain && isPlain(arg[i])
	}
	if plain {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// isPlain is true for bytes that mean nothing to sh. Those above ASCII must
// not be escaped one by one: some shells read characters.
func isPlain(c byte) bool {
	return isKey(c) || c >= 0x80 || strings.IndexByte("_./:@+,=", c) >= 0
}

// escapeValue words a value for a line of a configuration file: the syntax of
// git-config(1).
func escapeValue(value string) string {
	out := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	if strings.TrimSpace(out) != out || strings.ContainsAny(out, "#;") {
		return `"` + out + `"`
	}
	return out
}

// withProgram is a value of credential.helper with another path in front of
// the same arguments.
func withProgram(value, path string) (string, error) {
	words := shellWords(value)
	if len(words) == 0 || kindOf(value) != Path {
		return Command(path)
	}
	return Command(path, words[1:]...)
}
