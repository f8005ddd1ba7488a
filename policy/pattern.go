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

// arnParts is the number of colon-separated parts of an ARN; the last one keeps
// its colons.
const arnParts = 6

// arn is a pattern for ARNs.
type arn struct {
	template template
	ready    arnGlobs // unless the template has variables
	fixed    bool
	early    bool // has a variable before the fifth colon
	crossing bool // a star may reach into the next part
}

// arnGlobs are an ARN pattern's parts, and for some patterns the whole of it.
type arnGlobs struct {
	parts []glob
	whole *glob
}

// newARN makes a pattern for ArnLike, whose parts are matched each by itself
// (reference_policies_elements_condition_operators, "Conditions_ARN").
func newARN(text string, variables bool) arn {
	return newPattern(text, variables, false)
}

// newResource makes a pattern for Resource. There a "*" that ends a part can
// reach across the colons that follow, one inside a part cannot
// (reference_policies_elements_resource, "Using wildcards in resource ARNs").
func newResource(text string, variables bool) arn {
	return newPattern(text, variables, true)
}

func newPattern(text string, variables, crossing bool) arn {
	a := arn{crossing: crossing}
	a.template = newTemplate(text, style{variables: variables, wildcards: true})
	if a.fixed = a.template.fixed(); a.fixed {
		runes, _ := a.template.resolve(nil)
		a.ready = a.compile(runes)
		return a
	}
	before, _, _ := strings.Cut(text, "${")
	a.early = strings.Count(before, ":") < arnParts-1
	return a
}

// compile cuts a pattern at its first five colons.
func (a arn) compile(runes []rune) arnGlobs {
	parts := make([]glob, 0, arnParts)
	start, reaching := 0, a.crossing
	for i, r := range runes {
		last := len(parts) == arnParts-1
		switch {
		case r == ':' && !last:
			parts = append(parts, newGlob(runes[start:i]))
			start = i + 1
		case r == star && !last && i+1 < len(runes) && runes[i+1] != ':':
			reaching = false
		}
	}
	g := arnGlobs{parts: append(parts, newGlob(runes[start:]))}
	if reaching {
		whole := newGlob(runes)
		g.whole = &whole
	}
	return g
}

// match compares with an ARN. With open the ARN is only the beginning of one
// that is not known to its end.
func (a arn) match(q *query, value string, open bool) verdict {
	globs, resolved := a.ready, verdict{is: yes}
	if !a.fixed {
		var runes []rune
		if runes, resolved = a.template.resolve(q); resolved.is == no {
			return resolved
		}
		if resolved.is == maybe && a.early {
			// The unknown value may be a whole ARN, colons and all.
			return resolved
		}
		globs = a.compile(runes)
	}
	is := globs.match(value, open)
	if is == maybe {
		return resolved.and(dependsOn(UnknownResource))
	}
	return resolved.and(verdict{is: is})
}

func (g arnGlobs) match(value string, open bool) tri {
	if g.whole != nil {
		if is := g.whole.matchValue(value, open); is != no {
			return max(is, g.matchParts(value, open))
		}
	}
	return g.matchParts(value, open)
}

// matchParts takes the parts that an incomplete pattern lacks for wildcards:
// "arn:aws:sqs" is "arn:aws:sqs:*:*:*" (reference_policies_elements_resource).
func (g arnGlobs) matchParts(value string, open bool) tri {
	is := yes
	for i, part := range g.parts {
		// Cut by cut, as most values differ in an early part.
		head, rest, more := value, "", false
		if i < arnParts-1 {
			head, rest, more = strings.Cut(value, ":")
		}
		is = min(is, part.matchValue(head, open && !more))
		if is == no || !more && i+1 < len(g.parts) {
			// A lone "*" as the resource is no ARN; only "*" covers it.
			return no
		}
		value = rest
	}
	return is
}
