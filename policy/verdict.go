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

// verdict is a truth value and, for maybe, what it depends on.
type verdict struct {
	is tri
	on *formula
}

// formula is an unknown fact, or a combination of such facts.
type formula struct {
	operator    operation
	left, right *formula // right is nil for a negation

	// Of a fact: its name for Decision.DependsOn, or several below left; and
	// its number in the truth table, from 1.
	name   string
	fact   fact
	number int
}

// operation combines the parts of a formula.
type operation int8

const (
	isFact operation = iota
	negation
	conjunction
	disjunction
)

// facts calls visit with each fact of a formula.
func (f *formula) facts(visit func(*formula)) {
	for ; f != nil; f = f.right {
		if f.operator == isFact {
			visit(f)
		} else {
			f.left.facts(visit)
		}
	}
}

// appendNames adds the names of a fact to a list, some of them perhaps twice.
func (f *formula) appendNames(names []string) []string {
	for ; f != nil; f = f.right {
		if f.name != "" {
			names = append(names, f.name)
		}
		names = f.left.appendNames(names)
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

// dependsOn returns a maybe that depends on what has the name.
func dependsOn(name string) verdict {
	return verdict{is: maybe, on: &formula{name: name}}
}

// about says which fact a maybe depends on. Every maybe about the same fact
// turns out the same way. The names are kept.
func (v verdict) about(f fact) verdict {
	if v.is != maybe || f == (fact{}) { // mutation: the same fact turns out the same way
		return v
	}
	return verdict{is: maybe, on: &formula{left: v.on, fact: f}}
}

func (v verdict) not() verdict {
	if v.is != maybe {
		return verdict{is: yes - v.is}
	}
	return verdict{is: maybe, on: &formula{operator: negation, left: v.on}}
}

// and combines two verdicts. A no wins, whatever the other depends on.
func (v verdict) and(w verdict) verdict {
	switch {
	case v.is == no || w.is == no:
		return verdict{is: no}
	case v.is == yes:
		return w
	case w.is == yes:
		return v
	}
	return verdict{is: maybe, on: &formula{operator: conjunction, left: w.on, right: v.on}}
}

// or combines two verdicts. A yes wins.
func (v verdict) or(w verdict) verdict {
	switch {
	case v.is == yes || w.is == yes:
		return verdict{is: yes}
	case v.is == no:
		return w
	case w.is == no:
		return v
	}
	return verdict{is: maybe, on: &formula{operator: disjunction, left: w.on, right: v.on}}
}

// distinct sorts names and drops those that differ only in case, which does not
// matter in the names of condition keys and operators.
func distinct(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return slices.CompactFunc(names, strings.EqualFold)
}
