package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file compares Evaluate with a second evaluator, over random documents in
// every layer. The second one is written from the same pages without a thought
// of speed, statements that decide or unknown keys: plain booleans, and regular
// expressions for patterns.

// naive is a document as encoding/json reads it.
type naive struct{ Statement []naiveStatement }

type naiveStatement struct {
	Effect            string
	Principal         any
	Action, NotAction []string
	Resource          []string
	Condition         map[string]map[string][]string
}

// naiveRequest has all keys.
type naiveRequest struct {
	action, resource string
	keys             map[string]string
}

var naivePatterns = make(map[string]*regexp.Regexp)

func naiveMatch(pattern, text string) bool {
	if naivePatterns[pattern] == nil {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		naivePatterns[pattern] = regexp.MustCompile("^" + quoted + "$")
	}
	return naivePatterns[pattern].MatchString(text)
}

func naiveAny(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return naiveMatch(p, text) })
}

func (s naiveStatement) applies(r naiveRequest) bool {
	covered := naiveAny(s.Action, r.action) || s.NotAction != nil && !naiveAny(s.NotAction, r.action)
	if !covered || !naiveAny(s.Resource, r.resource) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !naiveHolds(operator, values, r.keys, key) {
				return false
			}
		}
	}
	return true
}

func naiveHolds(operator string, values []string, keys map[string]string, key string) bool {
	actual, present := keys[key]
	switch operator {
	case "Null":
		return slices.Contains(values, strconv.FormatBool(!present))
	case "Bool", "StringEquals":
		return present && slices.Contains(values, actual)
	case "BoolIfExists", "StringEqualsIfExists":
		return !present || slices.Contains(values, actual)
	case "StringNotEquals", "StringNotEqualsIfExists":
		return !present || !slices.Contains(values, actual)
	case "StringLike", "ArnLike":
		return present && naiveAny(values, actual)
	case "ArnNotLike":
		return !present || !naiveAny(values, actual)
	case "NumericLessThan":
		n, err := strconv.Atoi(actual)
		limit, _ := strconv.Atoi(values[0])
		return present && err == nil && n < limit
	}
	panic(operator)
}

// naiveLayer is whether a layer denies, and whether it allows.
func naiveLayer(documents []naive, r naiveRequest, named func(naiveStatement) bool) (denies, allows bool) {
	for _, d := range documents {
		for _, s := range d.Statement {
			if !s.applies(r) || !named(s) {
				continue
			}
			denies, allows = denies || s.Effect == "Deny", allows || s.Effect == "Allow"
		}
	}
	return denies, allows
}

func naiveAWS(s naiveStatement) string {
	if all, ok := s.Principal.(string); ok {
		return all
	}
	return s.Principal.(map[string]any)["AWS"].(string)
}

// naiveStack is the documents of a stack.
type naiveStack struct {
	identity, boundary, key, endpoint []naive
	scps, rcps                        [][]naive
}

func (n naiveStack) decide(r naiveRequest) Outcome {
	everyone := func(naiveStatement) bool { return true }
	byName := func(s naiveStatement) bool {
		return naiveAWS(s) == "*" || naiveAWS(s) == r.keys["aws:PrincipalArn"]
	}
	byAccount := func(s naiveStatement) bool { return naiveAWS(s) == "arn:aws:iam::123456789012:root" }
	denied, allowed := naiveLayer(n.identity, r, everyone)
	denies := []bool{denied}
	if n.boundary != nil {
		d, a := naiveLayer(n.boundary, r, everyone)
		denies, allowed = append(denies, d), allowed && a
	}
	if n.key != nil {
		d, a := naiveLayer(n.key, r, byName)
		d2, account := naiveLayer(n.key, r, byAccount)
		denies, allowed = append(denies, d, d2), a || account && allowed
	}
	levels := slices.Concat(n.scps, n.rcps)
	if n.endpoint != nil {
		levels = append(levels, n.endpoint)
	}
	for _, level := range levels {
		d, a := naiveLayer(level, r, everyone)
		denies, allowed = append(denies, d), allowed && a
	}
	switch {
	case slices.Contains(denies, true):
		return ExplicitDeny
	case allowed:
		return Allowed
	}
	return ImplicitDeny
}

// dice makes random documents.
type dice struct{ *rand.Rand }

func (d dice) pick(words ...string) string { return words[d.IntN(len(words))] }

func (d dice) some(words ...string) []string {
	d.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return words[:1+d.IntN(3)]
}

// document has one to three statements; principal, unless nil, makes theirs.
func (d dice) document(effects []string, principal func() any) string {
	var statements []any
	for range 1 + d.IntN(3) {
		s := map[string]any{"Effect": d.pick(effects...), "Resource": d.some("*", "*", "*", "arn:aws:codecommit:us-east-1:*", "arn:aws:kms:us-east-1:*", demo, "arn:aws:s3:::b")}
		name := d.pick("Action", "Action", "Action", "NotAction")
		s[name] = d.some("*", "codecommit:*", "codecommit:GitPull", "codecommit:GitPush", "kms:*", "kms:Decrypt", "kms:GenerateDataKey*", "iam:*", "codecommit:Git?ull")
		if principal != nil {
			s["Principal"] = principal()
		}
		if d.IntN(3) > 0 {
			s["Condition"] = d.condition()
		}
		statements = append(statements, s)
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (d dice) condition() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for range 1 + d.IntN(2) {
		var operator, key string
		var values []string
		switch d.IntN(7) {
		case 0:
			operator, key, values = d.pick("Bool", "BoolIfExists"), "aws:MultiFactorAuthPresent", []string{d.pick("true", "false")}
		case 1:
			operator, key, values = "Null", d.pick("aws:MultiFactorAuthPresent", "kms:ViaService", "aws:MultiFactorAuthAge"), []string{d.pick("true", "false")}
		case 2:
			operator, key = d.pick("StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists"), "kms:ViaService"
			values = d.some(via, "s3.us-east-1.amazonaws.com", "codecommit.eu-west-1.amazonaws.com")
		case 3:
			operator, key, values = d.pick("ArnLike", "ArnNotLike"), "aws:PrincipalArn", d.some("arn:aws:iam::*:root", "arn:aws:iam::*:user/*", "arn:aws:iam::123456789012:user/alice", "arn:aws:iam::*:role/*")
		case 4:
			operator, key, values = "NumericLessThan", "aws:MultiFactorAuthAge", []string{d.pick("300", "301", "3600")}
		case 5:
			operator, key, values = d.pick("StringEquals", "StringNotEquals"), "aws:RequestedRegion", d.some("us-east-1", "eu-west-1", "eu-west-2")
		default:
			operator, key, values = d.pick("StringEquals", "StringLike"), "aws:PrincipalAccount", d.some("123456789012", "210987654321", "3")
		}
		if all[operator] == nil {
			all[operator] = map[string][]string{}
		}
		all[operator][key] = values
	}
	return all
}

// stack throws documents for each layer, read by both evaluators.
func (d dice) stack(t *testing.T, kms bool) (Policies, naiveStack) {
	either, denies := []string{"Allow", "Allow", "Deny"}, []string{"Deny"}
	var p Policies
	var n naiveStack
	read := func(layer Layer, effects []string, principal func() any) ([]*Document, []naive) {
		var documents []*Document
		var plain []naive
		for range 1 + d.IntN(2) {
			text := d.document(effects, principal)
			parsed, err := ParseAt(layer, string(layer), 1, []byte(text))
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			var one naive
			if err := json.Unmarshal([]byte(text), &one); err != nil {
				t.Fatal(err)
			}
			documents, plain = append(documents, parsed), append(plain, one)
		}
		return documents, plain
	}
	everyone := func() any { return d.pick("*") }
	p.Identity, n.identity = read(Identity, either, nil)
	if d.IntN(2) == 0 {
		p.Boundary, n.boundary = read(Boundary, either, nil)
	}
	for range d.IntN(3) {
		level, plain := read(SCP, either, nil)
		p.SCPs, n.scps = append(p.SCPs, level), append(n.scps, plain)
	}
	if !kms {
		if d.IntN(2) == 0 {
			p.Endpoint, n.endpoint = read(Endpoint, either, everyone)
		}
		return p, n
	}
	if d.IntN(2) == 0 {
		level, plain := read(RCP, denies, everyone)
		full := `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}`
		p.RCPs = append(p.RCPs, append(level, documents(t, RCP, json.RawMessage(full))...))
		n.rcps = append(n.rcps, append(plain, naive{[]naiveStatement{{Effect: "Allow", Principal: "*", Action: []string{"*"}, Resource: []string{"*"}}}}))
	}
	if d.IntN(3) > 0 {
		p.Key, n.key = read(Key, either, func() any {
			return map[string]any{"AWS": d.pick("*", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root",
				"arn:aws:iam::123456789012:user/alice", "arn:aws:iam::123456789012:user/bob", "arn:aws:iam::210987654321:root")}
		})
	}
	return p, n
}

// requests are all that a stack is tried with: every key known.
func stackRequests(kms bool) []naiveRequest {
	var all []naiveRequest
	for _, action := range []string{"codecommit:GitPull", "codecommit:GitPush", "kms:Decrypt", "kms:GenerateDataKey"} {
		if strings.HasPrefix(action, "kms:") != kms {
			continue
		}
		for _, who := range []string{"long-term", "session-no-mfa", "session-mfa"} {
			r := stackRequest(who, action)
			keys := make(map[string]string)
			for key, values := range r.Context {
				keys[key] = values[0]
			}
			all = append(all, naiveRequest{action, r.Resource, keys})
		}
	}
	return all
}

func (r naiveRequest) request() Request {
	context := make(Context, len(r.keys))
	for key, value := range r.keys {
		context[key] = []string{value}
	}
	return Request{Action: r.action, Resource: r.resource, Context: context}
}

// TestRandomStacks throws stacks; STACKS says how many, STACKS_SEED which.
func TestRandomStacks(t *testing.T) {
	count, _ := strconv.Atoi(os.Getenv("STACKS"))
	seed, _ := strconv.ParseUint(os.Getenv("STACKS_SEED"), 10, 64)
	d := dice{rand.New(rand.NewPCG(seed, 0))}
	outcomes := make(map[Outcome]int)
	for i := range max(count, 1000) {
		kms := i%2 == 1
		p, n := d.stack(t, kms)
		for _, r := range stackRequests(kms) {
			got, want := p.Evaluate(r.request()), n.decide(r)
			checkDecision(t, got)
			if outcomes[got.Outcome]++; got.Outcome != want {
				t.Fatalf("stack %d, %s: %s, want %s", i, r.action, got.Outcome, want)
			}
			d.forget(t, p, n, r, want)
		}
	}
	t.Log(outcomes)
}

// forget takes keys, or a part of one, from the request: what is true must stay
// possible, whatever the value was.
func (d dice) forget(t *testing.T, p Policies, n naiveStack, r naiveRequest, want Outcome) {
	t.Helper()
	less := r.request()
	for _, key := range []string{"aws:RequestedRegion", "aws:MultiFactorAuthAge", "kms:ViaService"} {
		if d.IntN(3) == 0 {
			delete(less.Context, key)
			less.Unknown = append(less.Unknown, key)
		}
	}
	if d.IntN(3) == 0 {
		less.Context["aws:PrincipalArn"] = []string{"arn:aws:iam::" + Unspecified + ":user/" + Unspecified}
	}
	if d.IntN(3) == 0 {
		less.Resource = strings.Replace(strings.Replace(less.Resource, "us-east-1", Unspecified, 1), "123456789012", Unspecified, 1)
	}
	decision := p.Evaluate(less)
	checkDecision(t, decision)
	if !decision.Can(want) {
		t.Fatalf("%s: only %v when something is not known, and it is %s\n%s", r.action, decision.Possible, want, fmt.Sprint(n))
	}
}
