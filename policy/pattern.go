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

// matchValue says whether the glob fits a value of a request: for one with
// Unspecified in it, all of the texts that it may be, some of them, or none.
func (g glob) matchValue(v string) tri {
	if strings.Contains(v, Unspecified) {
		return g.overlap(v)
	}
	return known(g.match(v)).is
}

// overlap is matchValue for a text with gaps.
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

// gapsOpen puts a star in the place of each gap, so that the pattern fits
// whatever may stand there.
func gapsOpen(runes []rune) []rune {
	for i, r := range runes {
		if r == gap {
			runes[i] = star
		}
	}
	return runes
}

// meets walks a pattern and a value with gaps together. To meet strictly, only
// a star of the pattern may take up a gap; loosely, a gap may also stand for
// what the pattern asks for, short of a colon.
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

// arnParts is the number of colon-separated parts of an ARN; the last one keeps
// its colons.
const arnParts = 6

// arn is a pattern for ARNs.
type arn struct {
	text     string
	template template
	ready    arnGlobs // unless the template has gaps to fill
	fixed    bool
	early    bool // may have something unknown before the fifth colon
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
	return newPattern(newTemplate(text, style{variables: variables, wildcards: true}), text, false)
}

// newResource makes a pattern for Resource. There a "*" that ends a part can
// reach across the colons that follow, one inside a part cannot
// (reference_policies_elements_resource, "Using wildcards in resource ARNs").
// Variables stand for values after the fifth colon only
// (reference_policies_variables, "Where you can use policy variables"); before
// it they are just text.
func newResource(text string, variables bool) arn {
	head := beforeLastPart(text)
	t := newTemplate(head, style{wildcards: true})
	t.style.variables = variables
	t.parse(text[len(head):])
	return newPattern(t, text, true)
}

// beforeLastPart is an ARN up to its fifth colon, or all of it.
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

// match compares with an ARN of the request.
func (a arn) match(q *query, v value) verdict {
	globs, resolved := a.ready, verdict{is: yes}
	if !a.fixed {
		var runes []rune
		if runes, resolved = a.template.resolve(q); resolved.is == no {
			return resolved
		}
		if resolved.is == maybe && a.early {
			// What is unknown may have colons, so that the parts can't be told.
			return resolved.and(v.verdict(newGlob(runes).matchValue(v.text)))
		}
		globs = a.compile(runes)
	}
	return resolved.and(v.verdict(globs.match(v.text)))
}

// fact is that the resource of a request matches a Resource's pattern. Two
// different ones without wildcards never both match.
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

// verdict is an answer about the value.
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

// matchParts takes the parts that an incomplete pattern lacks for wildcards:
// "arn:aws:sqs" is "arn:aws:sqs:*:*:*" (reference_policies_elements_resource).
func (g arnGlobs) matchParts(text string) tri {
	is := yes
	for i, part := range g.parts {
		// Cut by cut, as most values differ in an early part.
		head, rest, more := text, "", false
		if i < arnParts-1 {
			head, rest, more = strings.Cut(text, ":")
		}
		is = min(is, part.matchValue(head))
		if is == no || !more && i+1 < len(g.parts) {
			// A lone "*" as the resource is no ARN; only "*" covers it.
			return no
		}
		text = rest
	}
	return is
}
