package gitconfig

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
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
	// A value that begins with a quote is not an absolute path to git any more
	// but the name of a helper (credential_do in credential.c).
	line := strings.TrimSuffix(shell.Escape(path)+" "+shell.Join(args...), " ")
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("writing %q into git's configuration: %w", line, errControl)
	}
	return line, nil
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
	words := shell.Words(value)
	if len(words) == 0 || kindOf(value) != Path {
		return Command(path)
	}
	return Command(path, words[1:]...)
}
