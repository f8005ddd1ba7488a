package policy

import (
	"slices"
	"strings"
)

// maxFacts is the number of unknown facts that a truth table can hold. The
// table has a row for each combination of them. Further facts are unknown in
// every row.
const maxFacts = 8

// rows is a set of rows of a truth table. In row n the fact i is true if bit i
// of n is set.
type rows [1 << maxFacts / 64]uint64

func (r rows) and(s rows) rows {
	for i := range r {
		r[i] &= s[i]
	}
	return r
}

func (r rows) or(s rows) rows {
	for i := range r {
		r[i] |= s[i]
	}
	return r
}

func (r rows) not() rows {
	for i := range r {
		r[i] = ^r[i]
	}
	return r
}

func (r rows) empty() bool { return r == rows{} }

func (r rows) has(n int) bool { return r[n/64]>>(n%64)&1 != 0 }

// rowsOf returns the rows in which a fact is true.
func rowsOf(fact int) rows {
	var r rows
	for n := range 1 << maxFacts {
		if n>>fact&1 != 0 {
			r[n/64] |= 1 << (n % 64)
		}
	}
	return r
}

// fact is an unknown property of a request, such as that its aws:SourceVpc is
// vpc-1. Equal facts are both true or both false. The zero value is for a fact
// that is not related to any other, not even to another zero value.
type fact struct {
	operator  string // without "Not" and IfExists; Null for the presence of a key
	key       string // in lower case, or UnknownResource
	text      string // what the policy compares with
	actual    string // what is known of the key's value
	variables bool   // the text has policy variables
}

// excludes reports whether two facts can't both be true, because the key would
// have two values at once.
func (f fact) excludes(g fact) bool {
	switch {
	case f.key != g.key || f.actual != g.actual || f.operator != g.operator || !singleValued(f.key): // mutation: a key of several values
		return false
	case f.operator == stringEquals:
		return f.text != g.text && !f.variables && !g.variables
	case f.operator == "IpAddress":
		a, _ := parseNetwork(f.text)
		b, _ := parseNetwork(g.text)
		return !a.Overlaps(b)
	}
	return false
}

// singleValued reports whether a key has one value at most
// (reference_policies_condition-keys, "Value type"). Keys that are not listed
// here may have several.
func singleValued(key string) bool {
	switch key {
	case UnknownResource, "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn",
		"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:userid", "aws:username",
		"aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:useragent", "aws:referer":
		return true
	}
	return strings.HasPrefix(key, "aws:principaltag/") || strings.HasPrefix(key, "aws:resourcetag/")
}

// truthTable holds the combinations of the facts in some formulas.
type truthTable struct {
	columns  []rows      // of at most maxFacts facts: where they are true
	column   map[int]int // by the fact's number
	possible rows        // those that do not contradict themselves
}

// newTruthTable makes a table of the facts that may be related, because they
// occur more than once or are about the same key, and of others if there is
// room.
func newTruthTable(formulas ...*formula) *truthTable {
	var facts []fact
	var times []int
	numbers, ofKey := make(map[fact]int), make(map[string]int)
	for _, f := range formulas {
		f.facts(func(leaf *formula) {
			if leaf.fact == (fact{}) {
				return
			}
			if leaf.number = numbers[leaf.fact]; leaf.number == 0 {
				facts, times = append(facts, leaf.fact), append(times, 0)
				leaf.number = len(facts)
				numbers[leaf.fact] = leaf.number
				ofKey[leaf.fact.key]++
			}
			times[leaf.number-1]++
		})
	}
	related := func(f fact) bool { return times[numbers[f]-1] > 1 || f.key != "" && ofKey[f.key] > 1 }
	chosen := slices.Concat(slices.DeleteFunc(slices.Clone(facts), func(f fact) bool { return !related(f) }), slices.DeleteFunc(facts, related))
	t := &truthTable{column: make(map[int]int), possible: rows{}.not()}
	for i, f := range chosen[:min(len(chosen), maxFacts)] {
		t.column[numbers[f]] = i
		t.columns = append(t.columns, rowsOf(i))
		for j, g := range chosen[:i] {
			t.relate(f, g, t.columns[i], t.columns[j])
		}
	}
	return t
}

// relate removes the rows in which two facts contradict each other.
func (t *truthTable) relate(f, g fact, inF, inG rows) {
	switch {
	case f.key == "" || f.key != g.key:
	case f.operator == null:
		t.possible = t.possible.and(inF.or(inG.not()))
	case g.operator == null:
		t.possible = t.possible.and(inG.or(inF.not()))
	case f.excludes(g):
		t.possible = t.possible.and(inF.and(inG).not())
	}
}

// truth is a verdict for each row: the rows in which it is true, and those in
// which it may be.
type truth struct{ sure, possible rows }

// of evaluates a verdict in each row.
func (t *truthTable) of(v verdict) truth {
	switch v.is {
	case yes:
		return truth{rows{}.not(), rows{}.not()}
	case no:
		return truth{}
	}
	return t.formula(v.on)
}

func (t *truthTable) formula(f *formula) truth {
	switch f.operator {
	case negation:
		left := t.formula(f.left)
		return truth{left.possible.not(), left.sure.not()}
	case conjunction:
		left, right := t.formula(f.left), t.formula(f.right)
		return truth{left.sure.and(right.sure), left.possible.and(right.possible)}
	case disjunction:
		left, right := t.formula(f.left), t.formula(f.right)
		return truth{left.sure.or(right.sure), left.possible.or(right.possible)}
	}
	if i, found := t.column[f.number]; found {
		return truth{t.columns[i], t.columns[i]}
	}
	return truth{rows{}, rows{}.not()} // mutation: a fact that is not in the table
}

// names returns the names of the facts on which an answer depends.
func (t *truthTable) names(answer truth, formulas ...*formula) []string {
	decides := t.deciding(answer)
	// Facts outside the table matter if the answer is open in some row.
	others := !answer.possible.and(answer.sure.not()).and(t.possible).empty()
	var names []string
	for _, f := range formulas {
		f.facts(func(leaf *formula) {
			if i, found := t.column[leaf.number]; found && decides[i] || !found && others {
				names = leaf.appendNames(names)
			}
		})
	}
	return distinct(names)
}

// deciding reports on which facts an answer depends: it differs in two rows
// that differ in nothing but the fact.
func (t *truthTable) deciding(answer truth) []bool {
	decides := make([]bool, len(t.columns))
	for n := range 1 << len(t.columns) {
		for i := range t.columns {
			m := n | 1<<i
			if m != n && t.possible.has(n) && t.possible.has(m) &&
				(answer.sure.has(n) != answer.sure.has(m) || answer.possible.has(n) != answer.possible.has(m)) {
				decides[i] = true
			}
		}
	}
	return decides
}

// covering returns statements of which at least one applies in every row, none
// of them superfluous.
func (t *truthTable) covering(m matches) []*Statement {
	var kept []*Statement
	var where []rows
	covered := t.possible.not()
	for i, on := range m.on {
		in := t.formula(on).sure
		if more := covered.or(in); more != covered {
			covered = more
			kept, where = append(kept, m.unsure[i]), append(where, in)
		}
	}
	for i := 0; i < len(kept); {
		rest := t.possible.not()
		for j, in := range where {
			if j != i {
				rest = rest.or(in)
			}
		}
		if rest.not().empty() {
			kept, where = slices.Delete(kept, i, i+1), slices.Delete(where, i, i+1)
		} else {
			i++
		}
	}
	return kept
}

// meeting returns the statements that may apply in some of the rows.
func (t *truthTable) meeting(m matches, some rows) []*Statement {
	var found []*Statement
	for i, on := range m.on {
		if in := t.formula(on).possible; !in.and(some).and(t.possible).empty() {
			found = append(found, m.unsure[i])
		}
	}
	return found
}
