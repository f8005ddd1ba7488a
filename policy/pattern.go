package policy

import (
	"strings"
	"unicode/utf8"
)

// Wildcards in the runes of a pattern. They are negative, so that a "*" from a
// policy variable is not one.
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

// glob is a compiled pattern. Most patterns are names or "prefix*", which need
// no loop.
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

// match reports whether s fits. It backtracks to the last star only, so that a
// pattern such as a*a*a*a*b takes time proportional to len(s) times
// len(pattern): https://research.swtch.com/glob.
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

// matchValue says whether the glob fits a value of a request. If the value
// contains Unspecified, the glob may fit all texts that it stands for, some, or
// none.
func (g glob) matchValue(v string) tri {
	if strings.Contains(v, Unspecified) {
		return g.overlap(v)
	}
	return known(g.match(v)).is
}

// overlap is matchValue for a value with gaps.
func (g glob) overlap(text string) tri {
	switch value := []rune(text); {
	case meets(g.runes, value, false):
		return yes
	case meets(g.runes, value, true):
		return maybe
	}
	return no
}

// gap is Unspecified among the runes of a value.
const gap = 0

// gapsOpen replaces each gap by a star, so that the pattern fits any text
// there.
func gapsOpen(runes []rune) []rune {
	for i, r := range runes {
		if r == gap {
			runes[i] = star
		}
	}
	return runes
}

// meets compares a pattern with a value that has gaps. Strictly, only a star of
// the pattern fits a gap; loosely, a gap also fits any other part of the
// pattern up to a colon.
func meets(pattern, value []rune, loosely bool) bool {
	// before[j] says whether the pattern so far meets the first j runes.
	before, now := make([]bool, len(value)+1), make([]bool, len(value)+1)
	before[0] = true
	for j, r := range value {
		before[j+1] = before[j] && loosely && r == gap
	}
	for _, p := range pattern {
		now[0] = before[0] && p == star
		for j, r := range value {
			switch {
			case p == star:
				now[j+1] = before[j+1] || now[j]
			case r == gap:
				now[j+1] = loosely && (now[j] || before[j+1] && p != ':')
			default:
				now[j+1] = before[j] && (p == mark || p == r)
			}
		}
		before, now = now, before
	}
	return before[len(value)]
}

// arnParts is the number of colon-separated parts of an ARN. The last one may
// contain colons.
const arnParts = 6

// arn is a pattern for ARNs.
type arn struct {
	text     string
	template template
	ready    arnGlobs // unless the template has gaps to fill
	fixed    bool
	early    bool // something before the fifth colon may be unknown
	crossing bool // a star may reach into the next part
}

// arnGlobs are the parts of an ARN pattern, and for some patterns the whole of
// it.
type arnGlobs struct {
	parts []glob
	whole *glob
}

// newARN makes a pattern for ArnLike, which compares part by part
// (reference_policies_elements_condition_operators, "Conditions_ARN").
func newARN(text string, variables bool) arn {
	return newPattern(newTemplate(text, style{variables: variables, wildcards: true}), text, false)
}

// newResource makes a pattern for Resource. A "*" at the end of a part can
// match across colons, one inside a part cannot
// (reference_policies_elements_resource, "Using wildcards in resource ARNs").
// Variables before the fifth colon are text (reference_policies_variables,
// "Where you can use policy variables").
func newResource(text string, variables bool) arn {
	head := beforeLastPart(text)
	t := newTemplate(head, style{wildcards: true})
	t.style.variables = variables
	t.parse(text[len(head):])
	return newPattern(t, text, true)
}

// beforeLastPart returns an ARN up to its fifth colon, or all of it.
func beforeLastPart(text string) string {
	at := 0
	for range arnParts - 1 {
		next := strings.IndexByte(text[at:], ':')
		if next < 0 {
			return text
		}
		at += next + 1
	}
	return text[:at]
}

func newPattern(t template, text string, crossing bool) arn {
	a := arn{text: text, template: t, crossing: crossing}
	if a.fixed = t.fixed(); a.fixed {
		runes, _ := t.resolve(nil)
		a.ready = a.compile(runes)
		return a
	}
	open := strings.IndexAny(text, "$"+Unspecified)
	a.early = strings.Count(text[:open], ":") < arnParts-1
	return a
}

// compile splits a pattern at its first five colons.
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

// match compares with an ARN of the request.
func (a arn) match(q *query, v value) verdict {
	globs, resolved := a.ready, verdict{is: yes}
	if !a.fixed {
		var runes []rune
		if runes, resolved = a.template.resolve(q); resolved.is == no {
			return resolved
		}
		if resolved.is == maybe && a.early {
			// The unknown text may contain colons, so that there are no certain parts.
			return resolved.and(v.verdict(newGlob(runes).matchValue(v.text)))
		}
		globs = a.compile(runes)
	}
	return resolved.and(v.verdict(globs.match(v.text)))
}

// fact is that the resource of a request matches the pattern. Without wildcards
// it is equality, so that two different patterns exclude each other.
func (a arn) fact() fact {
	f := fact{operator: stringEquals, key: UnknownResource, text: a.text}
	switch {
	case strings.Contains(a.text, Unspecified):
		return fact{}
	case !a.fixed:
		f.variables = true
	case strings.ContainsAny(a.text, "*?") || strings.Count(a.text, ":") < arnParts-1:
		f.operator = "Resource"
	}
	return f
}

// verdict returns the verdict for a comparison with the value.
func (v value) verdict(is tri) verdict {
	if is == maybe {
		return dependsOn(v.name)
	}
	return verdict{is: is}
}

func (g arnGlobs) match(text string) tri {
	if g.whole != nil {
		if is := g.whole.matchValue(text); is != no {
			return max(is, g.matchParts(text))
		}
	}
	return g.matchParts(text)
}

// matchParts compares part by part. Missing parts of the pattern are wildcards:
// "arn:aws:sqs" is "arn:aws:sqs:*:*:*" (reference_policies_elements_resource).
func (g arnGlobs) matchParts(text string) tri {
	is := yes
	for i, part := range g.parts {
		// Split as needed, because most values differ in an early part.
		head, rest, more := text, "", false
		if i < arnParts-1 {
			head, rest, more = strings.Cut(text, ":")
		}
		is = min(is, part.matchValue(head))
		if is == no || !more && i+1 < len(g.parts) {
			// The resource "*" of a request is not an ARN; only "*" covers it.
			return no
		}
		text = rest
	}
	return is
}
