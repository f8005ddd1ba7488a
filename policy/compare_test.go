package policy

import (
	"strings"
	"testing"
)

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
}

func TestComparisons(t *testing.T) {
	for _, c := range comparisons {
		tryCondition(t, c.operator, c.values, []string{c.k}, c.want)
	}
}

func TestMatchPrefix(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    tri
	}{
		{"*", yes}, {"key/*", yes}, {"k*", yes}, {"k*/*", yes}, {"key/1*", maybe}, {"key/1", maybe},
		{"key/?*", maybe}, {"*1", maybe}, {"key/", maybe}, {"key", no}, {"", no}, {"alias/*", no}, {"k?y/x", maybe},
	} {
		if got := newGlob(style{}.pattern(c.pattern, true)).matchPrefix("key/"); got != c.want {
			t.Errorf("%s: %d, want %d", c.pattern, got, c.want)
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
