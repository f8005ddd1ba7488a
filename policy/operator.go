package policy

import "strings"

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
type test func(value string, q *query) verdict

// compiler makes a test of a value of the policy. It returns nil when the value
// can never match, such as a Numeric operator's "abc".
type compiler func(text string, variables bool) test

// operator is a condition operator without prefix, "Not" and "IfExists".
type operator struct {
	name    string
	negated bool
	compile compiler // nil for Null, which looks at presence only
}

// null is the one operator that does not compare values.
const null = "Null"

// operators is the table of reference_policies_elements_condition_operators, by
// lower-case name. ArnEquals and ArnLike are the same there.
var operators = operatorTable()

func operatorTable() map[string]operator {
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
}

// parseOperator takes an operator apart. The pages do not say whether case
// matters; documents in other case are about, and IAM takes them. ok is false
// for an operator that is in no table, Null with a prefix or suffix included.
func parseOperator(written string) (o operator, set Set, ifExists, ok bool) {
	name := strings.ToLower(written)
	for _, s := range []Set{ForAllValues, ForAnyValue} {
		if rest, found := strings.CutPrefix(name, strings.ToLower(string(s))+":"); found {
			name, set = rest, s
			break
		}
	}
	name, ifExists = strings.CutSuffix(name, "ifexists")
	o, ok = operators[name]
	if o.name == null && (ifExists || set != NoSet) {
		ok = false
	}
	return o, set, ifExists, ok
}
