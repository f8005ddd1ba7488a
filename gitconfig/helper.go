package gitconfig

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// program is the name under which git looks for this helper: "helper = mfa".
const program = "git-credential-mfa"

// Kind is how git reads the value of credential.helper.
type Kind int

const (
	// Name is what stands after "git credential-".
	Name Kind = iota
	// Path is a command that begins with an absolute path.
	Path
	// Shell is a command after "!".
	Shell
)

// String names the kind, in words for a person.
func (k Kind) String() string { return [...]string{"name", "path", "shell command"}[k] }

func kindOf(value string) Kind {
	drive := len(value) > 1 && value[1] == ':' && isKey(value[0])
	switch {
	case strings.HasPrefix(value, "!"):
		return Shell
	case strings.HasPrefix(value, "/"), runtime.GOOS == "windows" && (drive || strings.HasPrefix(value, `\`)):
		return Path
	}
	return Name
}

// Program returns the program that a helper's value runs, as it is written
// there: "git-credential-osxkeychain", "/usr/bin/gh", "aws".
func Program(value string) string {
	switch kindOf(value) {
	case Name:
		value = "git credential-" + value
	case Shell:
		value = value[1:]
	}
	words := shell.Words(value)
	for len(words) > 0 && isAssignment(words[0]) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	if len(words) > 1 && baseName(words[0]) == "git" && strings.HasPrefix(words[1], "credential-") {
		return "git-" + words[1]
	}
	return words[0]
}

// Options returns the options in a helper's value, by their names: what
// "--profile 'a b'" and "--profile='a b'" say is "a b" under "profile". An
// option without a value has an empty one.
func Options(value string) map[string]string {
	options := map[string]string{}
	words := shell.Words(strings.TrimPrefix(value, "!"))
	for i, word := range words {
		name, text, joined := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if !strings.HasPrefix(word, "-") {
			continue
		}
		if !joined && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
			text = words[i+1]
		}
		options[name] = text
	}
	return options
}

// Ours reports whether a helper's value runs this program.
func Ours(value string) bool { return baseName(Program(value)) == program }

// baseName is a program's name without its folder, and without .exe. File
// systems on Windows and macOS don't tell case.
func baseName(path string) string {
	if i := strings.LastIndexAny(path, `/\`); i >= 0 {
		path = path[i+1:]
	}
	return strings.TrimSuffix(strings.ToLower(path), ".exe")
}

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r > 'z' || !isKey(byte(r)) || r == '-')
	}) < 0
}

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
