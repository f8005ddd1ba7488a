package doctor

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// keyID is an access key id (reference_identifiers, "unique identifiers").
var keyID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{8,124}\b`) })

// conceal returns a text that may be pasted in public: the home directory becomes
// "~", an access key id its last four characters.
func (r Report) conceal(text string) string {
	return r.Home.Hide(keyID().ReplaceAllStringFunc(text, func(id string) string { return "…" + id[len(id)-4:] }))
}

// Home is the person's home directory, which is shown as "~" however it is
// spelled. The zero value is none.
type Home struct{ pattern *regexp.Regexp }

// NewHome returns the home directory with these paths. Each is recognised in any
// case, with single or double slashes of both kinds, and with the names that Git
// Bash and WSL have for a drive.
func NewHome(paths ...string) Home {
	var spellings []string
	for _, path := range paths {
		drive, rest := "", strings.TrimRight(path, `/\`)
		if letter, below := driveOf(rest); letter != "" {
			drive = "(?:" + letter + ":|/(?:mnt/|cygdrive/)?" + letter + ")?"
			rest = below
		}
		var folders []string
		for _, folder := range strings.FieldsFunc(rest, func(r rune) bool { return r == '/' || r == '\\' }) {
			// A shell-quoted path has a backslash before a blank.
			folders = append(folders, strings.ReplaceAll(regexp.QuoteMeta(folder), " ", `\\*\ `))
		}
		if len(folders) > 0 {
			spellings = append(spellings, drive+`[/\\]+`+strings.Join(folders, `[/\\]+`))
		}
	}
	if len(spellings) == 0 {
		return Home{}
	}
	// The longest comes first, and /home/al must not match /home/alice.
	slices.SortFunc(spellings, func(a, b string) int { return len(b) - len(a) })
	return Home{regexp.MustCompile(`(?i)(?:` + strings.Join(spellings, "|") + `)([^\pL\pN_-]|$)`)}
}

// Hide returns a text with "~" for the home directory.
func (h Home) Hide(text string) string {
	if h.pattern == nil {
		return text
	}
	return h.pattern.ReplaceAllString(text, "~$1") // mutation: a report hides the home directory
}

// driveOf splits a path into the letter of its drive, as Windows, Git Bash, Cygwin
// or WSL write it, and the rest; the letter is "" if there is none.
func driveOf(path string) (letter, rest string) {
	if len(path) > 2 && path[1] == ':' {
		return path[:1], path[2:]
	}
	for _, start := range []string{"/mnt/", "/cygdrive/", "/"} {
		below, ok := strings.CutPrefix(path, start)
		if ok && len(below) > 2 && below[1] == '/' && regexp.MustCompile(`^[A-Za-z]`).MatchString(below) {
			return below[:1], below[1:]
		}
	}
	return "", path
}
