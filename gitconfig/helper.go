package gitconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// program is the name of this helper's program, which git runs for "helper = mfa".
const program = "git-credential-mfa"

// Kind is how git reads the value of credential.helper.
type Kind int

const (
	// Name is a name after "git credential-".
	Name Kind = iota
	// Path is a command that begins with an absolute path.
	Path
	// Shell is a command after "!".
	Shell
)

// String returns the name of the kind.
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

// Program returns the program that a helper's value runs, as the value has it:
// "git-credential-osxkeychain", "/usr/bin/gh", "aws".
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

// Options returns the options in a helper's value by their names: "--profile 'a b'"
// and "--profile='a b'" are "a b" under "profile". An option without a value is "".
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

// baseName returns a program's name without its folder and .exe, in lower case:
// file systems on Windows and macOS ignore case.
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

var errControl = errors.New("it contains a control character")

// Command returns a value of credential.helper that runs a program by its absolute
// path, with arguments. git runs it with sh, on Windows too.
func Command(path string, args ...string) (string, error) {
	return command(runtime.GOOS == "windows", path, args)
}

func command(windows bool, path string, args []string) (string, error) {
	if windows {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	// The path is escaped, not quoted: git takes a value that begins with a quote
	// for the name of a helper (credential_do in credential.c).
	line := strings.TrimSuffix(shell.Escape(path)+" "+shell.Join(args...), " ")
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("writing %q into git's configuration: %w", line, errControl)
	}
	return line, nil
}

// escapeValue returns a value in the syntax of a configuration file
// (git-config(1)).
func escapeValue(value string) string {
	out := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	if strings.TrimSpace(out) != out || strings.ContainsAny(out, "#;") {
		return `"` + out + `"`
	}
	return out
}

// withProgram returns a value of credential.helper with another path before the
// same arguments.
func withProgram(value, path string) (string, error) {
	words := shell.Words(value)
	if len(words) == 0 || kindOf(value) != Path {
		return Command(path)
	}
	return Command(path, words[1:]...)
}

// Executable returns a path of this program that stays valid when a new version is
// installed: the link on PATH to the same file, such as
// /opt/homebrew/bin/git-credential-mfa, rather than a path with a version in it (as
// gh does, cli/cli#2995).
func Executable() (string, error) {
	running, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("looking for this program's path: %w", err)
	}
	return stable(running, filepath.SplitList(os.Getenv("PATH"))), nil
}

func stable(running string, folders []string) string {
	self, err := os.Stat(running)
	if err != nil {
		return running
	}
	names := []string{filepath.Base(running), program}
	if runtime.GOOS == "windows" {
		names = append(names, program+".exe")
	}
	for _, folder := range append(folders, brewFolders(running)...) {
		if !filepath.IsAbs(folder) || strings.Contains(filepath.ToSlash(folder), "/Cellar/") {
			continue // relative, or removed by an upgrade
		}
		for _, name := range names {
			link := filepath.Join(folder, name)
			if info, err := os.Stat(link); err == nil && os.SameFile(info, self) {
				return link
			}
		}
	}
	return running
}

// brewFolders returns the folders in which Homebrew links
// PREFIX/Cellar/FORMULA/VERSION/bin, in case they are not on PATH.
func brewFolders(running string) []string {
	prefix, rest, ok := strings.Cut(filepath.ToSlash(running), "/Cellar/")
	if !ok {
		return nil
	}
	formula, _, _ := strings.Cut(rest, "/")
	return []string{filepath.Join(prefix, "bin"), filepath.Join(prefix, "opt", formula, "bin")}
}

// Temporary reports whether a program is in a folder that will soon be deleted, as
// one that "go run" has built.
func Temporary(path string) bool {
	if strings.Contains(filepath.ToSlash(path), "/go-build") {
		return true
	}
	for _, folder := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if inside(path, folder) {
			return true
		}
		real, err := filepath.EvalSymlinks(folder) // macOS: /tmp is a link
		if err == nil && inside(path, real) {
			return true
		}
	}
	return false
}

func inside(path, folder string) bool {
	rest, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rest)
}
