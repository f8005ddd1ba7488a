package policy

import "strings"

// query is a Request, prepared for many statements.
type query struct {
	action   string // lower case
	resource value
	context  map[string][]string
	unknown  map[string]string // lower case to as written
	prefixes []string
	absent   []string // prefixes, lower case
}

// value is a text of the request. If a part of it is Unspecified, answers
// depend on what has the name.
type value struct{ text, name string }

func newQuery(r Request) *query {
	q := &query{
		action:   strings.ToLower(r.Action),
		resource: value{r.Resource, UnknownResource},
		context:  make(map[string][]string, len(r.Context)),
		unknown:  make(map[string]string, len(r.Unknown)),
	}
	for key, values := range r.Context {
		// Two spellings of one key are one key with both values.
		lower := strings.ToLower(key)
		q.context[lower] = append(q.context[lower], values...)
		if len(values) == 0 && isPrefix(lower) {
			q.absent = append(q.absent, lower)
		}
	}
	for _, name := range r.Unknown {
		if isPrefix(name) {
			q.prefixes = append(q.prefixes, name)
		} else {
			q.unknown[strings.ToLower(name)] = name
		}
	}
	return q
}

// isPrefix reports whether a name stands for all keys with that prefix.
func isPrefix(name string) bool {
	return strings.HasSuffix(name, "/") || strings.HasSuffix(name, ":")
}

// lookup returns the values of a condition key. The verdict is maybe if the key
// is unknown, and yes if it is known. No values then mean that it is absent.
func (q *query) lookup(key, name string) ([]string, verdict) {
	if values, found := q.context[key]; found {
		return values, verdict{is: yes}
	}
	if written, found := q.unknown[key]; found {
		return nil, dependsOn(written)
	}
	for _, p := range q.absent {
		if strings.HasPrefix(key, p) {
			return nil, verdict{is: yes}
		}
	}
	for _, p := range q.prefixes {
		if len(key) >= len(p) && strings.EqualFold(key[:len(p)], p) {
			return nil, dependsOn(name)
		}
	}
	return nil, verdict{is: yes}
}
