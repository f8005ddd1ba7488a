package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// statements writes a document of "Allow OPERATOR KEY VALUE", each about all
// actions; several of these joined with "and" are the conditions of one.
func statements(t testing.TB, source string, texts ...string) []*Document {
	t.Helper()
	var all []string
	for _, text := range texts {
		effect, conditions, _ := strings.Cut(text, " ")
		operators := make(map[string]map[string][]string)
		for condition := range strings.SplitSeq(conditions, " and ") {
			if f := strings.Fields(condition); len(f) > 2 {
				if operators[f[0]] == nil {
					operators[f[0]] = make(map[string][]string)
				}
				operators[f[0]][f[1]] = f[2:]
			}
		}
		condition, err := json.Marshal(operators)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf(`{"Effect": %q, "Action": "*", "Resource": "*", "Condition": %s}`, effect, condition))
	}
	return []*Document{parse(t, source, `{"Version": "2012-10-17", "Statement": [`+strings.Join(all, ",\n")+`]}`)}
}

// TestTogether has statements that only together leave no doubt, whatever the
// unknown keys are.
func TestTogether(t *testing.T) {
	for _, c := range []struct {
		identity []string
		scp      string
		want     string
	}{
		{[]string{"Allow", "Deny StringEquals aws:SourceVpc a", "Deny StringNotEquals aws:SourceVpc a"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny StringEquals aws:SourceVpc a"}, "Deny StringNotEqualsIfExists aws:sourcevpc a", "explicitDeny by i2,s2"},
		{[]string{"Allow", "Deny StringEquals t 1", "Deny StringLike k a", "Deny StringNotEquals k a"}, "", "explicitDeny by i3,i4"},
		{[]string{"Allow", "Deny Null k true", "Deny Null k false"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny Null k true", "Deny StringEquals k a", "Deny StringNotEquals k a"}, "", "explicitDeny by i3,i4"},
		{[]string{"Allow", "Deny StringEqualsIfExists k a", "Deny StringNotEquals k a"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny Null k false", "Deny StringNotEquals k a"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny StringEquals k a b", "Deny StringNotEquals k b a"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny StringEquals k a b c d e f", "Deny StringNotEquals k f e d c b a"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny StringNotEquals aws:SourceVpc a", "Deny StringNotEquals aws:SourceVpc b"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny NotIpAddress aws:SourceIp 192.0.2.0/24", "Deny NotIpAddress aws:SourceIp 198.51.100.7"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow StringEquals k a", "Allow StringNotEquals k a"}, "", "allowed by i1,i2"},
		{[]string{"Allow ArnLike k arn:*:user/* and StringEquals t 1", "Allow ArnNotLike k arn:*:user/*", "Allow ArnLike k arn:*:user/* and StringNotEquals t 1"}, "", "allowed by i1,i2,i3"},
		{[]string{"Allow StringEquals k a", "Deny StringEquals k a b"}, "", "implicitDeny by i1,i2 (implicitDeny explicitDeny)"},
		{[]string{"Allow StringEquals k a", "Deny Null k false", "Deny StringEquals t 1"}, "", "implicitDeny by i1,i2,i3 (implicitDeny explicitDeny)"},
		{[]string{"Allow StringEquals k a", "Deny StringEquals k c", "Deny StringNotLike k a"}, "", "depends by i1,i2,i3 on k (allowed explicitDeny)"},

		// What is left of a doubt, and what it hangs on.
		{[]string{"Allow", "Deny StringEquals k a and StringEquals t 1", "Deny StringEquals k a and StringNotEquals t 1"}, "", "depends by i2,i3 on k (allowed explicitDeny)"},
		{[]string{"Allow", "Deny StringEquals k a", "Deny StringNotEquals k b"}, "", "depends by i2,i3 on k (allowed explicitDeny)"},
		{[]string{"Allow", "Deny NotIpAddress aws:SourceIp 192.0.2.0/24", "Deny NotIpAddress aws:SourceIp 192.0.2.7"}, "", "depends by i2,i3 on aws:SourceIp (allowed explicitDeny)"},
		{[]string{"Allow", "Deny StringEquals k a", "Deny ForAnyValue:StringNotEquals k a"}, "", "depends by i2,i3 on k (allowed explicitDeny)"},
		{[]string{"Allow", "Deny StringEquals k ${t}", "Deny StringNotEquals k ${t}"}, "", "explicitDeny by i2,i3"},
		{[]string{"Allow", "Deny StringEquals k " + Unspecified, "Deny StringNotEquals k " + Unspecified}, "", "depends by i2,i3 on k (allowed explicitDeny)"},
	} {
		p := Policies{Identity: statements(t, "i", c.identity...)}
		if c.scp != "" {
			p.SCPs = [][]*Document{statements(t, "s", "Allow", c.scp)}
		}
		d := p.Evaluate(Request{Action: "codecommit:GitPull", Resource: demo, Unknown: []string{"aws:", "k", "t"}})
		checkDecision(t, d)
		if got := describe(d); got != c.want {
			t.Errorf("%q, %q:\n got %s\nwant %s", c.identity, c.scp, got, c.want)
		}
	}
}

// TestTogetherInPart is TestTogether for what is known in part, the resource
// included.
func TestTogetherInPart(t *testing.T) {
	app := "arn:aws:codecommit:us-east-1:123456789012:app"
	for text, want := range map[string]string{
		`{"Effect": "Deny", "Action": "*", "Resource": "` + app + `"}, {"Effect": "Deny", "Action": "*", "NotResource": "` + app + `"}`:     "explicitDeny by p2,p3",
		`{"Effect": "Deny", "Action": "*", "NotResource": "` + app + `"}, {"Effect": "Deny", "Action": "*", "NotResource": "` + app + `2"}`: "explicitDeny by p2,p3",
		`{"Effect": "Deny", "Action": "*", "NotResource": "` + app + `"}, {"Effect": "Deny", "Action": "*", "NotResource": "` + app + `*"}`: "depends by p2,p3 on resource (allowed explicitDeny)",
		`{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/a*"}}},
		 {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/a*"}}}`: "explicitDeny by p2,p3",
	} {
		p := Policies{Identity: []*Document{parse(t, "p", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, `+text+`]}`)}}
		d := p.Evaluate(Request{Action: "codecommit:GitPull", Resource: "arn:aws:codecommit:us-east-1:123456789012:" + Unspecified,
			Context: Context{"aws:PrincipalArn": {"arn:aws:iam::123456789012:user/" + Unspecified}}})
		if got := describe(d); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestTogetherExact asks with every value that matters instead of an unknown
// key: of the outcomes that are left open each one is found, and no other.
func TestTogetherExact(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(7, 0))}
	values := []string{"a", "b", "c", "d", "e", "f"}
	condition := func(key string) string {
		switch d.IntN(5) {
		case 0:
			return "Null " + key + " " + d.pick("true", "false")
		case 1:
			return d.pick("StringEquals", "StringNotEquals") + " " + key + " " + strings.Join(values[d.IntN(2):3], " ")
		}
		return d.pick("StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists", "StringLike") + " " + key + " " + d.pick("a", "b", "a b")
	}
	certain := 0
	for range 5000 {
		var texts []string
		for range 2 + d.IntN(3) {
			text := d.pick("Allow", "Deny") + " " + condition("aws:SourceVpc")
			if d.IntN(3) == 0 {
				text += " and " + condition("aws:SourceVpce")
			}
			texts = append(texts, text)
		}
		p := Policies{Identity: statements(t, "i", texts...)}
		r := Request{Action: "a:b", Resource: "*", Unknown: []string{"aws:SourceVpc", "aws:SourceVpce"}}
		got := p.Evaluate(r)
		checkDecision(t, got)
		if len(got.Possible) == 1 {
			certain++
		}
		if want := reached(p, r, append(values, "")); !slices.Equal(got.Possible, want) {
			t.Fatalf("%q: %v, want %v", texts, got.Possible, want)
		}
	}
	if certain < 500 || certain > 4500 {
		t.Errorf("%d of 5000 leave no doubt: this says nothing", certain)
	}
}

// reached are the outcomes of all requests in which each unknown key has one of
// the values; "" is for none.
func reached(p Policies, r Request, values []string) []Outcome {
	found := make(map[Outcome]bool)
	for _, a := range values {
		for _, b := range values {
			r.Context = Context{r.Unknown[0]: {a}, r.Unknown[1]: {b}}
			for key, value := range r.Context {
				if value[0] == "" {
					r.Context[key] = nil
				}
			}
			found[p.Evaluate(r).Outcome] = true
		}
	}
	var all []Outcome
	for _, o := range []Outcome{Allowed, ImplicitDeny, ExplicitDeny} {
		if found[o] {
			all = append(all, o)
		}
	}
	return all
}

// TestManyFacts leaves open what hangs on more facts than a table has.
func TestManyFacts(t *testing.T) {
	texts := []string{"Allow"}
	for i := range 30 {
		texts = append(texts, fmt.Sprintf("Deny StringEquals k%d a", i))
	}
	r := Request{Action: "a:b", Resource: "*"}
	for i := range 30 {
		r.Unknown = append(r.Unknown, fmt.Sprint("k", i))
	}
	if d := (Policies{Identity: statements(t, "i", texts...)}).Evaluate(r); d.Outcome != Depends || len(d.DependsOn) != 30 {
		t.Errorf("%+v", d)
	}
	// What bears on another fact comes first.
	texts = append(texts, "Deny StringNotEquals k29 a")
	if d := (Policies{Identity: statements(t, "i", texts...)}).Evaluate(r); describe(d) != "explicitDeny by i31,i32" {
		t.Error(describe(d))
	}
	for i := range 30 {
		texts = append(texts, fmt.Sprintf("Deny StringNotEquals k%d a", i))
	}
	if d := (Policies{Identity: statements(t, "i", texts...)}).Evaluate(r); d.Outcome != ExplicitDeny {
		t.Error(describe(d))
	}
}
