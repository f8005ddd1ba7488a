package policy

import "strings"

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
