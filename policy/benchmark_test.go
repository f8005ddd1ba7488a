package policy

import (
	"fmt"
	"strings"
	"testing"
)

// many makes a document of n statements, all of which have to be looked at.
func many(n int) string {
	var b strings.Builder
	b.WriteString(`{"Version": "2012-10-17", "Statement": [`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `
{"Sid": "S%d", "Effect": "Deny", "NotAction": ["iam:*", "s3:Get*Object%d"], "Resource": ["arn:aws:s3:::bucket-%d/${aws:username}/*", "arn:aws:codecommit:*:*:*"],
 "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:*:user/*-%d-*"}, "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}`, i, i, i, i)
	}
	b.WriteString("]}")
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		text := []byte(many(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				parse(b, "many", string(text))
			}
		})
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		p := Policies{Identity: []*Document{parse(b, "many", many(n))}}
		r := Request{Action: "codecommit:GitPull", Resource: demo, Context: ordinary(nil), Unknown: []string{"aws:SourceIp"}}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p.Evaluate(r)
			}
		})
	}
}

// BenchmarkUnknown has every statement hang on an unknown key.
func BenchmarkUnknown(b *testing.B) {
	p := Policies{Identity: []*Document{parse(b, "many", many(10_000))}}
	r := Request{Action: "codecommit:GitPull", Resource: demo, Unknown: []string{"aws:SourceIp", "aws:PrincipalArn", "aws:username"}}
	for b.Loop() {
		p.Evaluate(r)
	}
}

// distinctKeys makes a document of n statements, each of which hangs on an
// unknown key of its own.
func distinctKeys(n int) string {
	var b strings.Builder
	b.WriteString(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}`)
	for i := range n {
		fmt.Fprintf(&b, ",\n"+`{"Effect": "Deny", "Action": "codecommit:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/k%d": "x"}}}`, i)
	}
	b.WriteString("]}")
	return b.String()
}

// BenchmarkDistinctKeys is linear: ten times the statements, ten times the
// time.
func BenchmarkDistinctKeys(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		p := Policies{Identity: []*Document{parse(b, "keys", distinctKeys(n))}}
		r := Request{Action: "codecommit:GitPull", Resource: demo, Unknown: []string{"aws:"}}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if d := p.Evaluate(r); len(d.DependsOn) != n {
					b.Fatal(len(d.DependsOn))
				}
			}
		})
	}
}

// TestHostilePatterns would not end if a glob stepped back to every star, or if
// the reasons of a thousand unsure values were copied for each.
func TestHostilePatterns(t *testing.T) {
	stars := strings.Repeat("a*", 1000) + "b"
	values := `"` + strings.Repeat(`x${k}*", "`, 20_000) + `y"`
	var keys strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&keys, `"${k%d}", `, i)
	}
	p := Policies{Identity: []*Document{
		parse(t, "stars", condition(`{"StringLike": {"v": "`+stars+`"}}`)),
		parse(t, "values", condition(`{"StringLike": {"v": [`+values+`]}}`)),
		parse(t, "admin", administer),
	}}
	lone := Policies{Identity: []*Document{parse(t, "keys", condition(`{"StringLike": {"v": [`+keys.String()+`"y"]}}`)), parse(t, "admin", administer)}}
	unknown := make([]string, 50_000)
	for i := range unknown {
		unknown[i] = fmt.Sprint("k", i)
	}
	if d := lone.Evaluate(Request{Action: "a:b", Resource: "*", Context: Context{"v": {"xa"}}, Unknown: unknown}); len(d.DependsOn) != len(unknown) {
		t.Errorf("depends on %d keys", len(d.DependsOn))
	}
	d := p.Evaluate(Request{Action: "a:b", Resource: "*", Context: Context{"v": {strings.Repeat("a", 5000), "xa"}}, Unknown: []string{"k"}})
	if got := describe(d); got != "depends by values1 on k (allowed explicitDeny)" {
		t.Error(got)
	}
}
