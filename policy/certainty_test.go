package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// This file asks random policies about a request of which much is unknown, and
// then about every request that it may be. An outcome that the first answer
// leaves out must not occur.

const (
	repositories = "arn:aws:codecommit:us-east-1:123456789012:"
	someone      = "arn:aws:iam::123456789012:user/"
)

// guess is a condition key, the values that it may have, and what conditions on
// it are made of.
type guess struct {
	key       string
	known     []string // nil if nothing is known
	values    [][]string
	operators []string
	operands  []string
}

// guesses returns single-valued and multivalued keys, of every type.
func guesses() []guess {
	text := []string{"StringEquals", "StringEqualsIgnoreCase", "StringLike"}
	arn := []string{"ArnEquals", "ArnLike", "StringEquals", "StringLike"}
	return []guess{
		{"aws:PrincipalTag/team", nil, [][]string{nil, {"a"}, {"b"}, {"A"}, {"ab"}}, text, []string{"a", "A", "b", "a*", "?"}},
		{"aws:SourceVpc", nil, [][]string{nil, {"a"}, {"b"}, {"A"}, {"*"}}, text,
			[]string{"a", "A", "b", "*", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'a'}", "${*}"}},
		{"k", nil, [][]string{nil, {"a"}, {"b"}, {"a", "b"}, {"A", "z"}}, text, []string{"a", "A", "b", "a*", "${aws:PrincipalTag/team}"}},
		{"aws:SourceIp", nil, [][]string{nil, {"192.0.2.7"}, {"192.0.2.200"}, {"198.51.100.1"}, {"2001:db8::7"}, {"::ffff:192.0.2.7"}},
			[]string{"IpAddress"}, []string{"192.0.2.0/24", "192.0.2.7", "192.0.2.9/24", "192.0.2.128/25", "198.51.100.0/24", "2001:db8::/32", "::ffff:192.0.2.0/120"}},
		{"n", nil, [][]string{nil, {"0"}, {"1"}, {"1.0"}, {"1", "3"}, {"x"}}, []string{"NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
			[]string{"0", "1", "1.0", "x"}},
		{"aws:CurrentTime", nil, [][]string{nil, {"2026-01-01T00:00:00Z"}, {"2026-01-02T00:00:00Z"}, {"1767225600"}}, []string{"DateEquals", "DateLessThan", "DateGreaterThanEquals"},
			[]string{"2026-01-01", "2026-01-01T00:00:00Z", "2026-01-02"}},
		{"flag", nil, [][]string{nil, {"true"}, {"false"}, {"true", "false"}, {"x"}}, []string{"Bool", "StringEquals"}, []string{"true", "false", "TRUE"}},
		{"blob", nil, [][]string{nil, {"AA=="}, {"AQ=="}}, []string{"BinaryEquals"}, []string{"AA==", "AQ=="}},
		{"aws:PrincipalArn", []string{someone + Unspecified}, [][]string{{someone + "a"}, {someone + "b"}, {someone + "a/b"}, {someone + "*"}}, arn,
			[]string{someone + "a", someone + "b", someone + "a*", someone + "?", "arn:aws:iam::*:user/a", someone + "${aws:PrincipalTag/team}"}},
		{"aws:SourceVpcArn", nil, [][]string{nil, {demo}, {repositories + "a"}, {"x"}}, arn, []string{demo, repositories + "a", repositories + "*", "arn:aws:codecommit"}},
	}
}

// doubt is a condition on one key.
type doubt struct {
	guess
	set, operator, ifExists string
	operands                []string
}

// doubt throws a condition on one of the keys.
func (d dice) doubt(keys []guess) doubt {
	g := keys[d.IntN(len(keys))]
	c := doubt{guess: g, set: d.pick("", "", "", "ForAnyValue:", "ForAllValues:"), operator: d.pick(g.operators...), ifExists: d.pick("", "", "IfExists")}
	for range []int{1, 1, 2, fewValues + 1}[d.IntN(4)] {
		c.operands = append(c.operands, d.pick(g.operands...))
	}
	return c
}

// related throws a condition that differs a little from another. Without these,
// statements rarely bear on each other.
func (d dice) related(c doubt) doubt {
	for range d.IntN(3) {
		switch d.IntN(6) {
		case 0:
			return doubt{guess: c.guess, operator: null, operands: []string{d.pick("true", "false")}}
		case 1:
			c.ifExists = d.pick("", "IfExists")
		case 2:
			c.set = d.pick("", "ForAnyValue:", "ForAllValues:")
		case 3:
			c.operator = d.pick(c.operators...)
		default:
			c.operands = []string{d.pick(c.guess.operands...)}
		}
	}
	if d.IntN(2) == 0 {
		c.operator = opposite(c.operator)
	}
	return c
}

// opposite returns the operator with "Not", if there is one.
func opposite(operator string) string {
	for _, name := range []string{"Not" + operator, strings.Replace(operator, "Equals", "NotEquals", 1), strings.Replace(operator, "Like", "NotLike", 1)} {
		if o, _, _, ok := parseOperator(name); ok && o.negated {
			return name
		}
	}
	return operator
}

// unsureStatement throws a statement with some of the doubts.
func (d dice) unsureStatement(layer Layer, doubts []doubt) map[string]any {
	s := map[string]any{"Effect": d.pick("Allow", "Deny", "Deny"), "Action": "*"}
	s[d.pick("Resource", "Resource", "NotResource")] = d.pick(repositories+"a", repositories+"b", repositories+"a*", "arn:aws:codecommit:*:a",
		repositories+"${aws:PrincipalTag/team}", repositories+"${k}")
	if d.IntN(4) > 0 {
		delete(s, "NotResource")
		s["Resource"] = "*"
	}
	if layer.principals() {
		s[d.pick("Principal", "Principal", "NotPrincipal")] = map[string]any{"AWS": d.pick("*", someone+"a", someone+"b", "123456789012", "arn:aws:iam::210987654321:root")}
	}
	conditions := make(map[string]map[string][]string)
	for range 1 + d.IntN(4)/3 {
		c := d.related(doubts[d.IntN(len(doubts))])
		operator := c.set + c.operator + c.ifExists
		if c.operator == null {
			operator = null
		}
		if conditions[operator] == nil {
			conditions[operator] = make(map[string][]string)
		}
		conditions[operator][d.pick(c.key, strings.ToUpper(c.key))] = c.operands
	}
	s["Condition"] = conditions
	return s
}

// unsurePolicies throws an identity policy, and sometimes another layer, with
// conditions on the keys. It returns them as text as well.
func (d dice) unsurePolicies(t *testing.T, keys []guess) (Policies, string) {
	var texts strings.Builder
	doubts := []doubt{d.doubt(keys), d.doubt(keys)}
	document := func(layer Layer, statements int) []*Document {
		var all []any
		for range statements {
			all = append(all, d.unsureStatement(layer, doubts))
		}
		if layer == RCP || d.IntN(2) == 0 {
			s := map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}
			if layer.principals() {
				s["Principal"] = "*"
			}
			all = append(all, s)
		}
		text, err := json.Marshal(map[string]any{"Version": d.pick("2012-10-17", "2012-10-17", "2008-10-17"), "Statement": all})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&texts, "%s: %s\n", layer, text)
		parsed, err := ParseAt(layer, string(layer), 1, text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		return []*Document{parsed}
	}
	p := Policies{Identity: document(Identity, 2+d.IntN(2))}
	switch d.IntN(10) {
	case 0:
		p.Boundary = document(Boundary, 2)
	case 1:
		p.SCPs = [][]*Document{document(SCP, 1), document(SCP, 1)}
	case 2:
		p.RCPs = [][]*Document{document(RCP, 2)}
	case 3:
		p.Key = document(Key, 2)
	case 4:
		p.Endpoint = document(Endpoint, 2)
	}
	return p, texts.String()
}

// TestCertainty throws policies over one to three keys. CERTAINTY says how many,
// CERTAINTY_SEED which.
func TestCertainty(t *testing.T) {
	count, _ := strconv.Atoi(os.Getenv("CERTAINTY"))
	seed, _ := strconv.ParseUint(os.Getenv("CERTAINTY_SEED"), 10, 64)
	d := dice{rand.New(rand.NewPCG(seed, 0))}
	all, weighed := guesses(), 0
	for range max(count, 2000) {
		d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		keys := all[:1+d.IntN(5)/2]
		p, text := d.unsurePolicies(t, keys)
		r := Request{Action: "codecommit:GitPull", Resource: repositories + Unspecified, Context: Context{}}
		for _, g := range keys {
			if g.known != nil {
				r.Context[g.key] = g.known
			} else {
				r.Unknown = append(r.Unknown, g.key)
			}
		}
		got := p.Evaluate(r)
		checkDecision(t, got)
		if got.Outcome == ExplicitDeny && len(got.Statements) > 1 {
			weighed++
		}
		for concrete := range requests(r, keys) {
			for _, o := range p.Evaluate(concrete).Possible {
				if !got.Can(o) {
					t.Fatalf("%sonly %v, but %s with %q, %q", text, got.Possible, o, concrete.Context, concrete.Resource)
				}
			}
		}
	}
	if weighed < 30 {
		t.Errorf("only %d were denied by several statements: this says nothing", weighed)
	}
}

// requests yields each request that an unknown one may be.
func requests(r Request, keys []guess) func(yield func(Request) bool) {
	contexts := []Context{{}}
	for _, g := range keys {
		var more []Context
		for _, context := range contexts {
			for _, values := range g.values {
				next := maps.Clone(context)
				next[g.key] = values
				more = append(more, next)
			}
		}
		contexts = more
	}
	return func(yield func(Request) bool) {
		for _, context := range contexts {
			for _, name := range []string{"a", "b", "ab"} {
				if !yield(Request{Action: r.Action, Resource: repositories + name, Context: context}) {
					return
				}
			}
		}
	}
}
