package policy

import "strings"

// style says how to read a text of a policy.
type style struct {
	variables bool // ${…} stands for a value
	wildcards bool // "*" and "?" are wildcards
	fold      bool // case does not matter
}

// piece is a part of a pattern, a policy variable, or an unknown text.
type piece struct {
	runes    []rune
	key      string // condition key in lower case, or Unspecified; empty for runes
	name     string // the key as written
	fallback *string
}

// template is a text of a policy that may hold policy variables
// (reference_policies_variables).
type template struct {
	style  style
	pieces []piece
}

// newTemplate splits a text at its variables. ${*}, ${?} and ${$} stand for
// these characters. A malformed variable is text.
func newTemplate(text string, st style) template {
	t := template{style: st}
	t.parse(text)
	return t
}

func (t *template) parse(text string) {
	for text != "" {
		start := strings.IndexAny(text, "$"+Unspecified)
		if start < 0 {
			t.add(text, t.style.wildcards)
			return
		}
		t.add(text[:start], t.style.wildcards)
		text = text[start:]
		end := strings.IndexByte(text, '}')
		switch {
		case strings.HasPrefix(text, Unspecified):
			t.pieces = append(t.pieces, piece{key: Unspecified})
			text = text[len(Unspecified):]
		case t.style.variables && strings.HasPrefix(text, "${") && end > 0:
			t.addVariable(text[2:end])
			text = text[end+1:]
		default:
			t.add(text[:1], t.style.wildcards)
			text = text[1:]
		}
	}
}

// addVariable adds the text between "${" and "}": a special character, a key,
// or a key with a default, as in ${aws:PrincipalTag/team, 'none'}.
func (t *template) addVariable(inner string) {
	switch inner {
	case "*", "?", "$":
		t.add(inner, false)
		return
	}
	name, rest, found := strings.Cut(inner, ",")
	p := piece{name: strings.TrimSpace(name)}
	p.key = strings.ToLower(p.name)
	if found {
		rest = strings.TrimSpace(rest)
		if len(rest) >= 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'' {
			rest = rest[1 : len(rest)-1]
		}
		p.fallback = &rest
	}
	if p.key == "" {
		t.add("${"+inner+"}", t.style.wildcards)
		return
	}
	t.pieces = append(t.pieces, p)
}

func (t *template) add(text string, wildcards bool) {
	if text == "" {
		return
	}
	if n := len(t.pieces); n > 0 && t.pieces[n-1].key == "" {
		t.pieces[n-1].runes = append(t.pieces[n-1].runes, t.style.pattern(text, wildcards)...)
		return
	}
	t.pieces = append(t.pieces, piece{runes: t.style.pattern(text, wildcards)})
}

// pattern turns text into the runes of a pattern.
func (st style) pattern(text string, wildcards bool) []rune {
	if st.fold {
		text = strings.ToLower(text)
	}
	runes := []rune(text)
	if !wildcards {
		return runes
	}
	for i, r := range runes {
		switch r {
		case '*':
			runes[i] = star
		case '?':
			runes[i] = mark
		}
	}
	return runes
}

// fixed reports whether the template has no variables.
func (t template) fixed() bool {
	for _, p := range t.pieces {
		if p.key != "" {
			return false
		}
	}
	return true
}

// resolve replaces variables by the values of the request. The verdict is no if
// a variable has no value, because the text matches nothing then. It is maybe
// if a value is unknown; a wildcard stands for it, so that a text which does
// not match is a sure no. q may be nil for a fixed template.
func (t template) resolve(q *query) ([]rune, verdict) {
	if len(t.pieces) == 1 && t.pieces[0].key == "" {
		return t.pieces[0].runes, verdict{is: yes}
	}
	var runes []rune
	all := verdict{is: yes}
	for _, p := range t.pieces {
		if p.key == "" {
			runes = append(runes, p.runes...)
			continue
		}
		text, v := p.value(q)
		if all = all.and(v); all.is == no {
			return nil, all
		}
		if v.is == maybe {
			runes = append(runes, star)
			continue
		}
		runes = append(runes, t.style.pattern(text, false)...)
	}
	return runes, all
}

// value returns the value of a variable. A key with several values has none, as
// only single-valued keys can be variables.
func (p piece) value(q *query) (string, verdict) {
	if p.key == Unspecified {
		return "", dependsOn(UnknownText)
	}
	values, v := q.lookup(p.key, p.name)
	switch {
	case len(values) == 1 && strings.Contains(values[0], Unspecified):
		return "", dependsOn(p.name)
	case v.is == maybe:
		return "", v
	case len(values) == 1:
		return values[0], verdict{is: yes}
	case len(values) == 0 && p.fallback != nil:
		return *p.fallback, verdict{is: yes}
	}
	return "", verdict{is: no}
}
