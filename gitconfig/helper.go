package gitconfig

import (
	"runtime"
	"strings"
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
	words := shellWords(value)
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

// shellWords splits the beginning of a command as sh does, up to the first
// byte by which the shell would do more than split.
func shellWords(command string) []string {
	var words []string
	var word strings.Builder
	started := false
	end := func() {
		if started {
			words = append(words, word.String())
		}
		word.Reset()
		started = false
	}
	for i := 0; i < len(command); i++ {
		c := command[i]
		if c == ' ' || c == '\t' || c == '\n' {
			end()
			continue
		}
		if strings.IndexByte("|&;<>()$`", c) >= 0 {
			break
		}
		started = true
		text, length := shellPart(command[i:])
		word.WriteString(text)
		i += length - 1
	}
	end()
	return words
}

// shellPart returns what the quotes, the escape or the byte at the beginning
// of a text stand for, and its length.
func shellPart(text string) (part string, length int) {
	switch {
	case text[0] == '\\' && len(text) > 1:
		return text[1:2], 2
	case text[0] == '\'':
		part, _, _ = strings.Cut(text[1:], "'")
		return part, min(len(part)+2, len(text))
	case text[0] == '"':
		var out strings.Builder
		i := 1
		for ; i < len(text) && text[i] != '"'; i++ {
			if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("$`\"\\", text[i+1]) >= 0 {
				i++
			}
			out.WriteByte(text[i])
		}
		return out.String(), min(i+1, len(text))
	}
	return text[:1], 1
}
