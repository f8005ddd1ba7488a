package policy

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Condition is one key under one operator of a statement's Condition, as in
// "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}.
type Condition struct {
	Operator string   // as written
	Key      string   // as written
	Values   []string // JSON's booleans and numbers as text
	Line     int      // of the key

	// Name is the operator as the IAM user guide writes it, without prefix and
	// IfExists, such as "Bool"; empty when this package does not know it.
	Name     string
	IfExists bool
	Set      Set

	key       string // lower case
	negated   bool
	variables bool      // ${…} in a value stands for another one
	operands  []operand // the values that can match
}

// operand is a value of a condition and its test.
type operand struct {
	text string
	test test
}

// compile fills in what follows from the exported fields, and returns the
// values that no request can match.
func (c *Condition) compile(variables bool) (useless []string) {
	c.key = strings.ToLower(c.Key)
	o, set, ifExists, found := parseOperator(c.Operator)
	if !found {
		return nil
	}
	c.Name, c.Set, c.IfExists, c.negated, c.variables = o.name, set, ifExists, o.negated, variables
	for _, text := range c.Values {
		if strings.Contains(text, Unspecified) && !o.ofText() {
			c.operands = append(c.operands, operand{text, unknownText})
			continue
		}
		if o.compile == nil {
			if !isBool(text) {
				useless = append(useless, text)
			}
			continue
		}
		if t := o.compile(text, variables); t != nil {
			c.operands = append(c.operands, operand{text, t})
		} else {
			useless = append(useless, text)
		}
	}
	return useless
}

// holds says whether the condition is met. The pages:
// reference_policies_elements_condition_operators ("Condition operators with
// multiple keys or values", IfExists, Null) and
// reference_policies_condition-single-vs-multi-valued-context-keys.
func (c *Condition) holds(q *query) verdict {
	if c.Name == "" {
		// An operator newer than this package must not hide a Deny.
		return dependsOn(c.Operator)
	}
	values, v := q.lookup(c.key, c.Key)
	switch {
	case c.Name == null && len(c.operands) > 0:
		return dependsOn(UnknownText)
	case v.is == maybe:
		return c.holdsUnknown(v)
	case c.Name == null:
		return known(c.wants(len(values) == 0))
	case len(values) == 0:
		return known(c.holdsWithout())
	case c.Set == ForAllValues:
		all := verdict{is: yes}
		for _, value := range values {
			if all = all.and(c.accepts(c.valueOf(value), q)); all.is == no {
				break
			}
		}
		return all
	case c.Set == NoSet && c.negated:
		// None of the key's values may be one of the policy's.
		return c.some(values, c.equals, q).not()
	}
	return c.some(values, c.accepts, q)
}

// fewValues is the largest number of values of which each is a fact. A longer
// list is one fact.
const fewValues = 4

// holdsUnknown is holds for an unknown key. A negated operator holds if the
// plain one does not, with IfExists or without.
func (c *Condition) holdsUnknown(unknown verdict) verdict {
	present := func() verdict { return unknown.about(fact{operator: null, key: c.key}) }
	switch {
	case c.Name == null:
		return present().and(known(c.wants(false))).or(present().not().and(known(c.wants(true))))
	case c.Set != NoSet:
		return unknown.about(fact{operator: c.Operator, text: fmt.Sprintf("%q %q %t", c.key, c.Values, c.variables)})
	}
	equal := verdict{is: no}
	if len(c.operands) > fewValues {
		equal = unknown.about(c.listFact())
	} else {
		for _, o := range c.operands {
			equal = equal.or(unknown.about(c.fact(o.text, "")))
		}
	}
	switch {
	case c.negated:
		return equal.not()
	case c.IfExists:
		return equal.or(present().not())
	}
	return equal
}

// fact is that the key equals a value of the condition, in the sense of its
// operator; actual is the known part of the key's value.
func (c *Condition) fact(text, actual string) fact {
	f := fact{operator: c.positive(), key: c.key, text: text, actual: actual}
	f.variables = c.variables && strings.Contains(text, "$")
	switch {
	case strings.Contains(text, Unspecified):
		return fact{} // two of these may differ
	case f.operator == "Bool", strings.HasSuffix(f.operator, "IgnoreCase"):
		f.text = strings.ToLower(text)
	case f.operator == "StringLike" && !strings.ContainsAny(text, "*?$"),
		f.operator == "ArnLike" && !strings.ContainsAny(text, "*?$") && strings.Count(text, ":") >= arnParts-1:
		f.operator = stringEquals
	}
	return f
}

// listFact is that the key equals one of the condition's values.
func (c *Condition) listFact() fact {
	texts := make([]string, len(c.operands))
	for i, o := range c.operands {
		texts[i] = o.text
	}
	list := fmt.Sprintf("%q", slices.Sorted(slices.Values(texts)))
	if strings.Contains(strings.Join(texts, ""), Unspecified) {
		return fact{}
	}
	return fact{operator: c.positive() + " of a list", key: c.key, text: list, variables: c.variables}
}

const stringEquals = "StringEquals"

// positive returns the operator without "Not", and ArnLike for ArnEquals, which
// is the same.
func (c *Condition) positive() string {
	name := strings.Replace(c.Name, "Not", "", 1)
	if name == "ArnEquals" {
		return "ArnLike"
	}
	return name
}

// wants reports whether Null requires the key to be absent, or present.
func (c *Condition) wants(absent bool) bool {
	for _, text := range c.Values {
		if isBool(text) && strings.EqualFold(text, "true") == absent {
			return true
		}
	}
	return false
}

// holdsWithout is holds for an absent key, for which IfExists matters. The key
// equals nothing, so that a negated operator holds.
func (c *Condition) holdsWithout() bool {
	switch {
	case c.IfExists || c.Set == ForAllValues:
		return true
	case c.Set == ForAnyValue:
		return false
	}
	return c.negated
}

// valueOf returns a value of the condition's key.
func (c *Condition) valueOf(text string) value { return value{text, c.Key} }

// accepts says whether a value of the request is one of the policy's values, or
// for a negated operator none of them ("NOR").
func (c *Condition) accepts(v value, q *query) verdict {
	if c.negated {
		return c.equals(v, q).not()
	}
	return c.equals(v, q)
}

func (c *Condition) equals(v value, q *query) verdict {
	one := verdict{is: no}
	for _, o := range c.operands {
		if one = one.or(o.test(v, q).about(c.fact(o.text, v.text))); one.is == yes {
			break
		}
	}
	return one
}

func (c *Condition) some(values []string, holds func(value, *query) verdict, q *query) verdict {
	one := verdict{is: no}
	for _, value := range values {
		if one = one.or(holds(c.valueOf(value), q)); one.is == yes {
			break
		}
	}
	return one
}

// Set is the prefix of an operator for keys of several values
// (reference_policies_condition-single-vs-multi-valued-context-keys).
type Set string

// The set operators; NoSet for the usual case.
const (
	NoSet        Set = ""
	ForAllValues Set = "ForAllValues"
	ForAnyValue  Set = "ForAnyValue"
)

// test compares one value of the request with one value of the policy.
type test func(v value, q *query) verdict

// compiler makes the test of a value of the policy. It returns nil if no
// request can match it, such as "abc" for a Numeric operator.
type compiler func(text string, variables bool) test

// operator is a condition operator without prefix, "Not" and "IfExists".
type operator struct {
	name    string
	negated bool
	compile compiler // nil for Null, which looks at presence only
}

// ofText reports whether the operator compares texts, piece by piece.
func (o operator) ofText() bool {
	return strings.HasPrefix(o.name, "String") || strings.HasPrefix(o.name, "Arn")
}

// unknownText is the test of an unknown value of the policy.
func unknownText(value, *query) verdict { return dependsOn(UnknownText) }

// null is the only operator that compares no values.
const null = "Null"

// operators is the table of reference_policies_elements_condition_operators, by
// lower-case name. It is made on first use, because git's operations never need
// it.
var operators = sync.OnceValue(func() map[string]operator {
	table := make(map[string]operator)
	for _, o := range []operator{
		{null, false, nil},
		{"StringEquals", false, compileString(false, false)},
		{"StringNotEquals", true, compileString(false, false)},
		{"StringEqualsIgnoreCase", false, compileString(false, true)},
		{"StringNotEqualsIgnoreCase", true, compileString(false, true)},
		{"StringLike", false, compileString(true, false)},
		{"StringNotLike", true, compileString(true, false)},
		{"NumericEquals", false, compileNumeric(equal)},
		{"NumericNotEquals", true, compileNumeric(equal)},
		{"NumericLessThan", false, compileNumeric(less)},
		{"NumericLessThanEquals", false, compileNumeric(lessOrEqual)},
		{"NumericGreaterThan", false, compileNumeric(greater)},
		{"NumericGreaterThanEquals", false, compileNumeric(greaterOrEqual)},
		{"DateEquals", false, compileDate(equal)},
		{"DateNotEquals", true, compileDate(equal)},
		{"DateLessThan", false, compileDate(less)},
		{"DateLessThanEquals", false, compileDate(lessOrEqual)},
		{"DateGreaterThan", false, compileDate(greater)},
		{"DateGreaterThanEquals", false, compileDate(greaterOrEqual)},
		{"Bool", false, compileBool},
		{"BinaryEquals", false, compileBinary},
		{"IpAddress", false, compileIP},
		{"NotIpAddress", true, compileIP},
		{"ArnEquals", false, compileARN},
		{"ArnLike", false, compileARN},
		{"ArnNotEquals", true, compileARN},
		{"ArnNotLike", true, compileARN},
	} {
		table[strings.ToLower(o.name)] = o
	}
	return table
})

// parseOperator takes an operator apart. Case does not matter: the pages do not
// say so, but IAM accepts such documents. ok is false for an unknown operator,
// and for Null with a prefix or suffix.
func parseOperator(written string) (o operator, set Set, ifExists, ok bool) {
	name := strings.ToLower(written)
	for _, s := range []Set{ForAllValues, ForAnyValue} {
		if rest, found := strings.CutPrefix(name, strings.ToLower(string(s))+":"); found {
			name, set = rest, s
			break
		}
	}
	name, ifExists = strings.CutSuffix(name, "ifexists")
	o, ok = operators()[name]
	if o.name == null && (ifExists || set != NoSet) {
		ok = false
	}
	return o, set, ifExists, ok
}

func compileString(wildcards, fold bool) compiler {
	return func(text string, variables bool) test {
		t := newTemplate(text, style{variables: variables, wildcards: wildcards, fold: fold})
		var ready glob
		if t.fixed() {
			runes, _ := t.resolve(nil)
			ready = newGlob(runes)
		}
		return func(v value, q *query) verdict {
			g, resolved := ready, verdict{is: yes}
			if !t.fixed() {
				var runes []rune
				runes, resolved = t.resolve(q)
				g = newGlob(runes)
			}
			if fold {
				v.text = strings.ToLower(v.text)
			}
			return resolved.and(v.verdict(g.matchValue(v.text)))
		}
	}
}

func compileARN(text string, variables bool) test {
	pattern := newARN(text, variables)
	return func(v value, q *query) verdict { return pattern.match(q, v) }
}

// whole makes a test for values that are known completely.
func whole(holds func(text string) bool) test {
	return func(v value, _ *query) verdict {
		if strings.Contains(v.text, Unspecified) {
			return dependsOn(v.name)
		}
		return known(holds(v.text))
	}
}

// compileBool ignores case, because documents have "False" too.
func compileBool(text string, variables bool) test {
	if !variables || !strings.Contains(text, "${") {
		if !isBool(text) {
			return nil
		}
	}
	return compileString(false, true)(text, variables)
}

func isBool(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

// compileBinary compares base64 texts, which are canonical on both sides.
func compileBinary(text string, _ bool) test {
	return whole(func(value string) bool { return value == text })
}

func equal(c int) bool          { return c == 0 }
func less(c int) bool           { return c < 0 }
func lessOrEqual(c int) bool    { return c <= 0 }
func greater(c int) bool        { return c > 0 }
func greaterOrEqual(c int) bool { return c >= 0 }

func compileNumeric(holds func(int) bool) compiler {
	return func(text string, _ bool) test {
		limit, ok := parseNumber(text)
		if !ok {
			return nil
		}
		return whole(func(value string) bool {
			n, ok := parseNumber(value)
			return ok && holds(n.Cmp(limit))
		})
	}
}

// parseNumber bounds the exponent, because big.Rat expands 1e999999999.
func parseNumber(text string) (*big.Rat, bool) {
	if len(text) > 64 || strings.Trim(text, "+-.0123456789eE") != "" {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if exponent, err := strconv.Atoi(text[i+1:]); err != nil || exponent < -400 || exponent > 400 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
}

// compileDate compares times, which may be written in several forms.
func compileDate(holds func(int) bool) compiler {
	return func(text string, _ bool) test {
		limit, ok := parseDate(text)
		if !ok {
			return nil
		}
		return whole(func(value string) bool {
			t, ok := parseDate(value)
			return ok && holds(t.Compare(limit))
		})
	}
}

// dateLayouts are the W3C profiles of ISO 8601 (w3.org/TR/NOTE-datetime), which
// the operators' page names, and the zone without a colon. time.Parse accepts
// fractions of a second in each.
var dateLayouts = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05", "2006-01-02", "2006-01", "2006",
}

// parseDate reads a date or seconds since 1970. Four digits are a year.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

// compileIP accepts a range or a single address.
func compileIP(text string, _ bool) test {
	network, ok := parseNetwork(text)
	if !ok {
		return nil
	}
	return whole(func(value string) bool {
		address, err := netip.ParseAddr(value)
		return err == nil && network.Contains(address.Unmap())
	})
}

func parseNetwork(text string) (netip.Prefix, bool) {
	if network, err := netip.ParsePrefix(text); err == nil {
		return network, true
	}
	address, err := netip.ParseAddr(text)
	address = address.Unmap()
	return netip.PrefixFrom(address, address.BitLen()), err == nil
}
