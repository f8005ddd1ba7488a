package policy

import (
	"slices"
	"testing"
)

// unknown marks a key of which nothing is known.
const unknown = "(unknown)"

// conditionCases follow reference_policies_elements_condition_operators and
// reference_policies_condition-single-vs-multi-valued-context-keys.
var conditionCases = []struct {
	operator, values string
	k                []string // nil: absent
	want             tri
}{
	{"StringEquals", `"a"`, []string{"a"}, yes},
	{"StringEquals", `"a"`, []string{"A"}, no},
	{"StringEquals", `"a"`, nil, no},
	{"StringEquals", `["x", "a"]`, []string{"a"}, yes},
	{"StringEquals", `"a*"`, []string{"ab"}, no},
	{"StringEquals", `"${aws:username}"`, []string{"alice"}, yes},
	{"StringEquals", `"${AWS:UserName}"`, []string{"bob"}, no},
	{"StringEquals", `"${aws:absent}"`, []string{"a"}, no},
	{"StringNotEquals", `"${aws:absent}"`, []string{"a"}, yes},
	{"StringEquals", `"${aws:absent, 'b c'}"`, []string{"b c"}, yes},
	{"StringEquals", `"${aws:absent,b}"`, []string{"b"}, yes},
	{"StringEquals", `"${aws:many}"`, []string{"1"}, no},
	{"StringEquals", `"x${aws:dark}"`, []string{"xy"}, maybe},
	{"StringEquals", `"x${aws:dark}"`, []string{"y"}, no},
	{"StringNotEquals", `"x${aws:dark}"`, []string{"y"}, yes},
	{"StringEquals", `["x${aws:dark}", "xy"]`, []string{"xy"}, yes},
	{"StringEquals", `"${aws:dark, 'd'}"`, []string{"d"}, maybe},
	{"StringEquals", `"${aws:username"`, []string{"${aws:username"}, yes},
	{"StringEquals", `"${}"`, []string{"${}"}, yes},
	{"StringEquals", `""`, []string{""}, yes},
	{"StringEqualsIgnoreCase", `"ÄB"`, []string{"äb"}, yes},
	{"StringNotEqualsIgnoreCase", `"AB"`, []string{"ab"}, no},
	{"StringLike", `"a*c?"`, []string{"abbcd"}, yes},
	{"StringLike", `"a*c?"`, []string{"abbc"}, no},
	{"StringLike", `"A*"`, []string{"ab"}, no},
	{"StringLike", `"a${*}"`, []string{"ab"}, no},
	{"StringLike", `"a${*}${?}${$}"`, []string{"a*?$"}, yes},
	{"StringNotLike", `["a*", "b*"]`, []string{"b1"}, no},
	{"StringNotLike", `["a*", "b*"]`, []string{"c"}, yes},
	{"StringNotLike", `"a*"`, nil, yes},
	{"StringNotLikeIfExists", `"a*"`, nil, yes},
	{"StringNotLikeIfExists", `"a*"`, []string{"a"}, no},
	{"StringLikeIfExists", `"a*"`, nil, yes},
	{"StringEquals", `[]`, []string{"a"}, no},
	{"StringNotEquals", `[]`, []string{"a"}, yes},
	{"Bool", `true`, []string{"TRUE"}, yes},
	{"Bool", `"false"`, []string{"true"}, no},
	{"Bool", `"false"`, nil, no},
	{"BoolIfExists", `"false"`, nil, yes},
	{"BoolIfExists", `"false"`, []string{}, yes},
	{"Bool", `"${aws:flag}"`, []string{"True"}, yes},
	{"Bool", `"yes"`, []string{"yes"}, no},
	{"Null", `true`, nil, yes},
	{"Null", `"true"`, []string{"x"}, no},
	{"Null", `"False"`, []string{"x"}, yes},
	{"Null", `"false"`, []string{}, no},
	{"Null", `["true", "false"]`, nil, yes},
	{"Null", `"perhaps"`, nil, no},
	{"Null", `"true"`, []string{unknown}, maybe},
	{"NullIfExists", `"true"`, nil, maybe},
	{"ForAnyValue:Null", `"true"`, nil, maybe},
	{"Unheard", `"a"`, nil, maybe},
	{"BinaryEquals", `"QUI="`, []string{"QUI="}, yes},
	{"BinaryEquals", `"QUI="`, []string{"qUI="}, no},
	{"StringEquals", `"a"`, []string{unknown}, maybe},
	{"StringNotEqualsIfExists", `"a"`, []string{unknown}, maybe},
	{"ForAllValues:StringEquals", `["a", "b"]`, []string{"a", "b"}, yes},
	{"ForAllValues:StringEquals", `["a", "b"]`, []string{"a", "c"}, no},
	{"ForAllValues:StringEquals", `"a"`, nil, yes},
	{"ForAllValues:StringNotEquals", `["a", "b"]`, []string{"c", "a"}, no},
	{"ForAllValues:StringNotEquals", `["a", "b"]`, []string{"c", "d"}, yes},
	{"ForAllValues:StringEquals", `"a"`, []string{unknown}, maybe},
	{"ForAnyValue:StringEquals", `["a", "b"]`, []string{"c", "b"}, yes},
	{"ForAnyValue:StringEquals", `"a"`, []string{"c"}, no},
	{"ForAnyValue:StringEquals", `"a"`, nil, no},
	{"ForAnyValue:StringNotEquals", `"a"`, nil, no},
	{"ForAnyValue:StringNotEquals", `["a", "b"]`, []string{"a", "c"}, yes},
	{"ForAnyValue:StringNotEquals", `["a", "b"]`, []string{"a", "b"}, no},
	{"foranyvalue:stringlikeifexists", `"a*"`, nil, yes},
	{"StringNotEquals", `["a", "b"]`, []string{"a", "c"}, no},
}

// TestConditions tries one condition of a Deny on key k.
func TestConditions(t *testing.T) {
	for _, c := range conditionCases {
		tryCondition(t, c.operator, c.values, c.k, c.want)
	}
}

// tryCondition evaluates a Deny with one condition on key k.
func tryCondition(t *testing.T, operator, values string, k []string, want tri) {
	t.Helper()
	d := parse(t, "p", condition(`{"`+operator+`": {"K": `+values+`}}`))
	r := Request{Action: "s3:GetObject", Resource: resources["s3"], Context: Context{
		"aws:username": {"alice"}, "aws:flag": {"true"}, "aws:many": {"1", "2"},
	}, Unknown: []string{"aws:dark"}}
	if slices.Contains(k, unknown) {
		r.Unknown = append(r.Unknown, "k")
	} else if k != nil {
		r.Context["k"] = k
	}
	got := Policies{Identity: []*Document{d}}.Evaluate(r).Outcome
	if words := []Outcome{no: ImplicitDeny, maybe: Depends, yes: ExplicitDeny}; got != words[want] {
		t.Errorf("%s %s, k = %q: %s, want %s", operator, values, k, got, words[want])
	}
}
