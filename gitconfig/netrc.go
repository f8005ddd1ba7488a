package gitconfig

import (
	"path/filepath"
	"strings"
)

// NetrcFiles returns the files in which git's curl looks for a password before git
// asks a helper (CURLOPT_NETRC in git's http.c). Only the first that exists counts.
func NetrcFiles(home, goos string) []string {
	files := []string{filepath.Join(home, ".netrc")}
	if goos == "windows" {
		files = append(files, filepath.Join(home, "_netrc"))
	}
	return files
}

// NetrcEntry is the entry of a netrc file for a host.
type NetrcEntry struct {
	// Line is the first line of the entry. Default is true for the entry for every
	// host.
	Line    int
	Default bool
	// Login is the username. The password is not kept.
	Login       string
	HasPassword bool
}

// Netrc returns the entry for a host in the text of a netrc file, as curl reads
// it (lib/netrc.c): the first "machine" of that name, or the first "default",
// that has a login or a password. "#" at the beginning of a word starts a
// comment, a word may be in double quotes, and a "macdef" ends at an empty
// line.
func Netrc(text, host string) (NetrcEntry, bool) {
	var entry NetrcEntry
	inside, ok := false, false
	words := netrcWords(text)
	next := func(i int) string {
		if i+1 < len(words) {
			return words[i+1].text
		}
		return ""
	}
	for i := 0; i < len(words); i++ {
		switch keyword := strings.ToLower(words[i].text); {
		case (keyword == "machine" || keyword == "default") && ok:
			return entry, true
		case keyword == "machine":
			inside = strings.EqualFold(next(i), host)
			entry = NetrcEntry{Line: words[i].line}
			i++
		case keyword == "default":
			inside, entry = true, NetrcEntry{Line: words[i].line, Default: true}
		case inside && keyword == "login":
			entry.Login, ok = next(i), true
			i++
		case inside && keyword == "password":
			entry.HasPassword, ok = true, true
			i++
		}
	}
	return entry, ok
}

type netrcWord struct {
	text string
	line int
}

// netrcWords returns the words of a file, without comments and macros.
func netrcWords(text string) []netrcWord {
	var words []netrcWord
	macro := false
	line := 0
	for rest := range strings.SplitSeq(text, "\n") {
		line++
		rest = strings.TrimSuffix(rest, "\r")
		if macro {
			macro = rest != ""
			continue
		}
		for {
			rest = strings.TrimLeft(rest, " \t")
			if rest == "" || rest[0] == '#' {
				break
			}
			word, length := netrcToken(rest)
			rest = rest[length:]
			if strings.EqualFold(word, "macdef") {
				macro = true
				break
			}
			words = append(words, netrcWord{word, line})
		}
	}
	return words
}

// netrcToken reads a word, which may be in quotes.
func netrcToken(text string) (word string, length int) {
	if text[0] != '"' {
		if end := strings.IndexAny(text, " \t"); end >= 0 {
			return text[:end], end
		}
		return text, len(text)
	}
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return out.String(), i + 1
		case text[i] == '\\' && i+1 < len(text):
			i++
			out.WriteString(strings.NewReplacer("n", "\n", "r", "\r", "t", "\t").Replace(text[i : i+1]))
		default:
			out.WriteByte(text[i])
		}
	}
	return out.String(), len(text)
}
