package policy

import (
	"strings"
	"unicode/utf8"
)

// Wildcards among the runes of a pattern. They are negative so that no rune of
// a text equals them: a "*" that comes from a policy variable stays a "*".
const (
	star rune = -1 // any run of characters, also none
	mark rune = -2 // "?", any one character
)

type globKind int8

const (
	general globKind = iota
	exact
	prefix // literal, then one star
)

// glob is a compiled pattern. Most patterns of real policies are names or
// "prefix*", which need no loop.
type glob struct {
	kind    globKind
	literal string
	runes   []rune
}

// newGlob compiles the runes of a pattern.
func newGlob(runes []rune) glob {
	wild := len(runes)
	for i, r := range runes {
		if r < 0 {
			wild = i
			break
		}
	}
	literal := string(runes[:wild])
	switch {
	case wild == len(runes):
		return glob{kind: exact, literal: literal, runes: runes}
	case wild == len(runes)-1 && runes[wild] == star:
		return glob{kind: prefix, literal: literal, runes: runes}
	}
	return glob{runes: runes}
}

// match reports whether s fits. It steps back to the last star only, so that
// hostile patterns such as a*a*a*a*b cost len(s) times len(pattern), not an
// exponent: https://research.swtch.com/glob.
func (g glob) match(s string) bool {
	switch g.kind {
	case exact:
		return s == g.literal
	case prefix:
		return strings.HasPrefix(s, g.literal)
	}
	at, i := 0, 0
	lastStar, resume := -1, 0
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case at < len(g.runes) && g.runes[at] == star:
			lastStar, resume = at, i
			at++
		case at < len(g.runes) && (g.runes[at] == mark || g.runes[at] == r):
			at++
			i += size
		case lastStar >= 0:
			_, skip := utf8.DecodeRuneInString(s[resume:])
			resume += skip
			at, i = lastStar+1, resume
		default:
			return false
		}
	}
	for at < len(g.runes) && g.runes[at] == star {
		at++
	}
	return at == len(g.runes)
}

// matchValue is match, or matchPrefix when only the beginning of s is known.
func (g glob) matchValue(s string, open bool) tri {
	switch {
	case open:
		return g.matchPrefix(s)
	case g.match(s):
		return yes
	}
	return no
}

// matchPrefix says whether the texts that begin with s fit: all of them (yes),
// some (maybe), or none (no).
func (g glob) matchPrefix(s string) tri {
	if len(g.runes) > 0 && g.runes[len(g.runes)-1] == star && g.match(s) {
		return yes
	}
	at := 0
	for _, r := range s {
		switch {
		case at == len(g.runes):
			return no
		case g.runes[at] == star:
			return maybe
		case g.runes[at] != mark && g.runes[at] != r:
			return no
		}
		at++
	}
	return maybe
}
