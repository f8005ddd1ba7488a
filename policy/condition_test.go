package policy

import (
	"slices"
	"strings"
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
	got := Policies{Identity: []*Document{d, parse(t, "admin", administer)}}.Evaluate(r).Outcome
	if words := []Outcome{no: Allowed, maybe: Depends, yes: ExplicitDeny}; got != words[want] {
		t.Errorf("%s %s, k = %q: %s, want %s", operator, values, k, got, words[want])
	}
}

const alice = "arn:aws:iam::123456789012:user/team:a/alice"

// zeros make a number longer than any that IAM has.
var zeros = strings.Repeat("0", 64)

// comparisons are for the operators on numbers, dates, addresses and ARNs.
var comparisons = []struct {
	operator, values, k string
	want                tri
}{
	{"NumericEquals", `3600`, "3600.0", yes},
	{"NumericEquals", `"0.1"`, "1e-1", yes},
	{"NumericNotEquals", `1`, "2", yes},
	{"NumericLessThan", `10`, "9", yes},
	{"NumericLessThan", `10`, "10", no},
	{"NumericLessThanEquals", `10`, "10", yes},
	{"NumericGreaterThan", `10`, "9", no},
	{"NumericGreaterThan", `"10"`, "100", yes},
	{"NumericGreaterThanEquals", `10`, "10", yes},
	{"NumericGreaterThan", `10`, "1e999999999", no},
	{"NumericLessThan", `10`, "x", no},
	{"NumericLessThan", `"1/2"`, "0", no},
	{"NumericLessThan", `"0x10"`, "1", no},
	{"NumericNotEquals", `"x"`, "1", yes},
	{"DateLessThan", `"2026-01-15T12:00:00Z"`, "2026-01-15T12:59:00+01:00", yes},
	{"DateLessThanEquals", `"2026-01-15T12:00:00Z"`, "1768478400", yes},
	{"DateGreaterThan", `"2026"`, "2026-01-01T00:00:00.5Z", yes},
	{"DateGreaterThanEquals", `"2026-02"`, "2026-01-31", no},
	{"DateEquals", `"2026-01-15T12:00Z"`, "2026-01-15T13:00:00+0100", yes},
	{"DateNotEquals", `1768478400`, "2026-01-15T12:00:00", no},
	{"DateLessThan", `"soon"`, "2026", no},
	{"DateLessThan", `"2026"`, "soon", no},
	{"IpAddress", `"203.0.113.0/24"`, "203.0.113.10", yes},
	{"IpAddress", `"203.0.113.77/24"`, "203.0.113.10", yes},
	{"IpAddress", `["10.0.0.0/8", "203.0.113.10"]`, "203.0.113.10", yes},
	{"IpAddress", `"203.0.113.0/24"`, "203.0.114.1", no},
	{"IpAddress", `"203.0.113.0/24"`, "::ffff:203.0.113.9", yes},
	{"IpAddress", `"2001:DB8::/32"`, "2001:db8:0:1::5", yes},
	{"IpAddress", `"2001:db8::5"`, "2001:db8::6", no},
	{"NotIpAddress", `["10.0.0.0/8", "203.0.113.0/24"]`, "203.0.113.10", no},
	{"NotIpAddress", `"10.0.0.0/8"`, "no address", yes},
	{"IpAddress", `"10.0.0.0/33"`, "10.0.0.1", no},
	{"ArnLike", `"arn:aws:iam::*:user/*/alice"`, alice, yes},
	{"ArnEquals", `"arn:aws:iam::123456789012:user/team:?/alice"`, alice, yes},
	{"ArnLike", `"arn:aws:iam*:user/*/alice"`, alice, no},
	{"ArnLike", `"arn:aws:iam::*"`, alice, yes},
	{"ArnLike", `"*"`, alice, yes},
	{"ArnLike", `"arn:aws:iam::*:user/*"`, "alice", no},
	{"ArnNotLike", `["arn:aws:iam::*:user/ci-*", "arn:aws:iam::*:role/*"]`, alice, yes},
	{"ArnNotEquals", `"arn:aws:iam::*:user/*"`, alice, no},
	{"ArnLike", `"arn:aws:iam::*:user/*/${aws:username}"`, alice, yes},
	{"ArnLike", `"${aws:dark}"`, alice, maybe},
	{"ArnLike", `"arn:aws:iam::*:user/${aws:dark}"`, alice, maybe},
	{"ArnLike", `"arn:aws:iam::*:role/${aws:dark}"`, alice, no},
	{"NumericEquals", `"1` + zeros + `"`, "1" + zeros, no},
	{"IpAddress", `"::ffff:203.0.113.9"`, "203.0.113.9", yes},
	{"ArnLike", `"arn:${aws:dark}:user/team:a/alice"`, alice, maybe},
	{"ArnLike", `"arn:${aws:dark}:role/a"`, alice, no},
	{"ArnLike", `"arn:aws:iam::*:root"`, "arn:aws:iam::" + Unspecified + ":user/" + Unspecified, no},
	{"ArnNotLike", `"arn:aws:iam::*:role/Admin*"`, "arn:aws:iam::" + Unspecified + ":user/" + Unspecified, yes},
	{"ArnLike", `"arn:aws:iam::*:user/*"`, "arn:aws:iam::" + Unspecified + ":user/" + Unspecified, yes},
	{"ArnLike", `"arn:aws:iam::123456789012:user/*"`, "arn:aws:iam::" + Unspecified + ":user/" + Unspecified, maybe},
	{"StringLike", `"arn:aws:iam::*:root"`, "arn:aws:iam::" + Unspecified + ":user/" + Unspecified, no},
	{"StringEquals", `"codecommit.eu-west-1.amazonaws.com"`, "codecommit." + Unspecified + ".amazonaws.com", maybe},
	{"StringEquals", `"s3.eu-west-1.amazonaws.com"`, "codecommit." + Unspecified + ".amazonaws.com", no},
	{"StringNotEquals", `"s3.eu-west-1.amazonaws.com"`, "codecommit." + Unspecified + ".amazonaws.com", yes},
	{"NumericLessThan", `10`, Unspecified, maybe},
	{"IpAddress", `"10.0.0.0/8"`, Unspecified, maybe},
	{"Null", `"true"`, Unspecified, no},
	{"Bool", `"${k}"`, Unspecified, maybe},
	{"StringEquals", `"x\u0000"`, "xy", maybe},
	{"StringEquals", `"x\u0000"`, "y", no},
	{"StringEquals", `["\u0000", "y"]`, "y", yes},
	{"ArnLike", `"arn:aws:iam:\u0000:role/x"`, alice, no},
	{"ArnLike", `"arn:aws:iam:\u0000"`, alice, maybe},
	{"NumericLessThan", `"\u0000"`, "1", maybe},
	{"Bool", `"\u0000"`, "true", maybe},
	{"Null", `"\u0000"`, "x", maybe},
}

func TestComparisons(t *testing.T) {
	for _, c := range comparisons {
		tryCondition(t, c.operator, c.values, []string{c.k}, c.want)
	}
}

// TestOverlap compares patterns with texts of which a part, "~", is not known.
func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          tri
	}{
		{"*", "key/~", yes}, {"key/*", "key/~", yes}, {"k*", "key/~", yes}, {"k*/*", "key/~", yes},
		{"key/1*", "key/~", maybe}, {"key/1", "key/~", maybe}, {"key/?*", "key/~", maybe}, {"*1", "key/~", maybe},
		{"key/", "key/~", maybe}, {"key", "key/~", no}, {"", "key/~", no}, {"alias/*", "key/~", no}, {"k?y/x", "key/~", maybe},
		{"", "~", maybe}, {"a:b", "~", no}, {"a:b", "~:~", maybe}, {"*:root", "x:user/~", no}, {"*root", "x:user/~", maybe},
		{"*x*", "~x~", yes}, {"x*x", "x~", maybe}, {"code.eu.aws", "code.~.aws", maybe}, {"code.eu.com", "code.~.aws", no},
		{"code.*.aws", "code.~.aws", yes}, {"?*", "~a", maybe /* all, in truth: not knowing is the safe side */}, {"*ab", "a~b", maybe}, {"abab", "a~b", maybe}, {"aba", "a~b", no},
	} {
		text := strings.ReplaceAll(c.text, "~", Unspecified)
		if got := newGlob(style{}.pattern(c.pattern, true)).matchValue(text); got != c.want {
			t.Errorf("%s, %s: %d, want %d", c.pattern, c.text, got, c.want)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*b", "ab", true}, {"*b", "ba", false}, {"*?b", "b", false}, {"*?b", "ab", true},
		{"*é?", "éé€", true}, {"?", "é", true}, {"??", "é", false}, {"a*b*c", "abbcbc", true},
		{"a*b*c", "acb", false}, {"", "", true}, {"", "a", false}, {"**", "", true}, {"a**", "a", true},
		{"*ab*ab*", "abab", true}, {"*ab*ab*", "aba", false}, {"a?*", "a", false},
	} {
		if got := newGlob(style{}.pattern(c.pattern, true)).match(c.text); got != c.want {
			t.Errorf("%q, %q: %t", c.pattern, c.text, got)
		}
	}
}
