package policy

import (
	"slices"
	"strings"
)

// tri is a truth value of Kleene's three-valued logic.
type tri int8

const (
	no tri = iota
	maybe
	yes
)

// verdict is a truth value and, for maybe, the keys and operators that it hangs
// on.
type verdict struct {
	is tri
	on *reasons
}

// reasons are names in a tree, so that to join two costs nothing, however many
// there are on either side.
type reasons struct {
	name        string
	left, right *reasons
}

// appendTo adds the names to a list, some of them perhaps twice.
func (r *reasons) appendTo(names []string) []string {
	for ; r != nil; r = r.right {
		if r.name != "" {
			names = append(names, r.name)
		}
		names = r.left.appendTo(names)
	}
	return names
}

// known is the verdict of a plain boolean.
func known(b bool) verdict {
	if b {
		return verdict{is: yes}
	}
	return verdict{is: no}
}

// dependsOn is a maybe.
func dependsOn(name string) verdict {
	return verdict{is: maybe, on: &reasons{name: name}}
}

// not keeps the reasons: what may be true may be false for the same ones.
func (v verdict) not() verdict {
	return verdict{is: yes - v.is, on: v.on}
}

// and of two verdicts. A sure "no" wins, and then the other's reasons are moot.
func (v verdict) and(w verdict) verdict {
	switch {
	case v.is == no || w.is == no:
		return verdict{is: no}
	case v.is == yes:
		return w
	case w.is == yes:
		return v
	}
	return verdict{is: maybe, on: &reasons{left: v.on, right: w.on}}
}

// or of two verdicts.
func (v verdict) or(w verdict) verdict {
	return v.not().and(w.not()).not()
}

// distinct sorts names and drops those that differ only in case, as the names
// of condition keys and operators do not heed it.
func distinct(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return slices.CompactFunc(names, strings.EqualFold)
}
