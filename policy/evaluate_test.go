package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// short writes documents in one line: "Allow s3:* on *; Deny * on * if k=v".
// The condition is a StringEquals.
func short(t testing.TB, source, text string) []*Document {
	t.Helper()
	if text == "" {
		return nil
	}
	var statements []string
	for _, part := range strings.Split(text, "; ") {
		f := strings.Fields(part)
		s := fmt.Sprintf(`{"Effect": %q, "Action": %q, "Resource": %q`, f[0], f[1], f[3])
		if len(f) == 6 {
			key, value, _ := strings.Cut(f[5], "=")
			s += fmt.Sprintf(`, "Condition": {"StringEquals": {%q: %q}}`, key, value)
		}
		statements = append(statements, s+"}")
	}
	return []*Document{parse(t, source, `{"Version": "2012-10-17", "Statement": [`+strings.Join(statements, ",\n")+`]}`)}
}

// TestLayers follows the flow chart of reference_policies_evaluation-logic. The
// key "dark" is unknown.
func TestLayers(t *testing.T) {
	const allow, darkAllow = "Allow * on *", "Allow * on * if dark=1"
	for _, c := range []struct {
		identity, boundary, scp, want string
	}{
		{"", "", "", "implicitDeny lacks identity policy"},
		{allow, "", "", "allowed by i1"},
		{allow, "Allow s3:* on *", "", "implicitDeny lacks permissions boundary"},
		{allow, allow, "Allow s3:* on *", "implicitDeny lacks service control policy"},
		{"Allow s3:* on *", "Allow s3:* on *", allow, "implicitDeny lacks identity policy,permissions boundary"},
		{allow, allow, allow, "allowed by i1,b1,s1"},
		{"Allow * on *; Deny * on *", "", "", "explicitDeny by i2"},
		{allow, "Allow * on *; Deny codecommit:* on *", "", "explicitDeny by b2"},
		{"Allow * on *; Deny * on *", "", "Deny * on *", "explicitDeny by i2,s1 lacks service control policy"},
		{"Allow * on *; Deny * on * if dark=1", "", "", "depends by i2 on dark (allowed explicitDeny)"},
		{"Deny * on * if dark=1", "", "", "implicitDeny (implicitDeny explicitDeny) lacks identity policy"},
		{darkAllow, "", "", "depends by i1 on dark (allowed implicitDeny)"},
		{darkAllow, "Allow s3:* on *", "", "implicitDeny lacks permissions boundary"},
		{darkAllow, allow, "Deny * on * if Dim=1", "implicitDeny (implicitDeny explicitDeny) lacks service control policy"},
		{darkAllow, allow, "Allow * on *; Deny * on * if Dim=1", "depends by i1,s2 on dark,dim (allowed implicitDeny explicitDeny)"},
		{"Allow * on *; Allow * on * if dark=1", "", "", "allowed by i1"},
		{"Deny * on *; Deny * on * if dark=1", "", "", "explicitDeny by i1 lacks identity policy"},
		{"Allow * on *; Deny * on * if dark=1; Deny * on * if dim=1; Deny * on * if DIM=2", "", "", "depends by i2,i3,i4 on dark,dim (allowed explicitDeny)"},
	} {
		p := Policies{Identity: short(t, "i", c.identity), Boundary: short(t, "b", c.boundary), SCPs: [][]*Document{short(t, "s", c.scp)}}
		d := p.Evaluate(Request{Action: "codecommit:GitPull", Resource: demo, Unknown: []string{"dark", "dim"}})
		if got := describe(d); got != c.want {
			t.Errorf("%q, %q, %q:\n got %s\nwant %s", c.identity, c.boundary, c.scp, got, c.want)
		}
	}
}

// describe writes a decision in one line.
func describe(d Decision) string {
	var names []string
	for _, s := range d.Statements {
		names = append(names, fmt.Sprint(s.Source, s.Index))
	}
	text := string(d.Outcome)
	if names != nil {
		text += " by " + strings.Join(names, ",")
	}
	if d.DependsOn != nil {
		text += " on " + strings.Join(d.DependsOn, ",")
	}
	if len(d.Possible) != 1 {
		text += " " + strings.NewReplacer("[", "(", "]", ")").Replace(fmt.Sprint(d.Possible))
	}
	if d.Lacking != nil {
		text += " lacks " + strings.Join(layerNames(d.Lacking), ",")
	}
	return text
}

func layerNames(lacking []Lack) []string {
	var names []string
	for _, l := range lacking {
		name := string(l.Layer)
		if l.Level > 0 {
			name += fmt.Sprint(" ", l.Level)
		}
		names = append(names, name)
	}
	return names
}

// TestPatterns tries a lone Allow: reference_policies_elements_action and
// …_elements_resource.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, action, resource string
		want                      bool
	}{
		{"CodeCommit:gitpull on *", "codecommit:GitPull", demo, true},
		{"codecommit:GitPul? on *", "codecommit:GitPull", demo, true},
		{"codecommit:Git? on *", "codecommit:GitPull", demo, false},
		{"*:* on *", "codecommit:GitPull", demo, true},
		{"codecommit:*l*l on *", "codecommit:GitPull", demo, true},
		{"${aws:username} on *", "alice", demo, false},
		{"* on arn:aws:codecommit", "codecommit:GitPull", demo, true},
		{"* on arn:aws:codecommit:*", "codecommit:GitPull", demo, true},
		{"* on arn:aws:codecommit:*:*:DEMO", "codecommit:GitPull", demo, false},
		{"* on arn:aws:codecommit:*:demo", "codecommit:GitPull", demo, true},
		{"* on arn:aws:codecommit:us-*:demo", "codecommit:GitPull", demo, true},
		{"* on arn:aws:codecommit:us*2:demo", "codecommit:GitPull", demo, false},
		{"* on arn:aws:codecommit:us*1:*:demo", "codecommit:GitPull", demo, true},
		{"* on arn:aws:*:us-east-?:*:d*", "codecommit:GitPull", demo, true},
		{"* on arn:aws:sns:*:*:a:*", "sns:Publish", "arn:aws:sns:us-east-1:1:a:b:c", true},
		{"* on arn:aws:iam::*:user/${aws:username}", "iam:GetUser", resources["iam"], true},
		{"* on arn:aws:iam::*:user/${aws:username}", "iam:GetUser", "arn:aws:iam::1:user/team/alice", false},
		{"* on arn:aws:s3:::b/${aws:absent}", "s3:GetObject", "arn:aws:s3:::b/x", false},
		{"* on arn:aws:sts:*:*:*", "sts:GetCallerIdentity", "*", false},
		{"* on *", "sts:GetCallerIdentity", "*", true},
	} {
		d := Policies{Identity: short(t, "p", "Allow "+c.pattern)}.Evaluate(Request{
			Action: c.action, Resource: c.resource, Context: Context{"AWS:UserName": {"alice"}}})
		if (d.Outcome == Allowed) != c.want {
			t.Errorf("%s, %s on %s: %s", c.pattern, c.action, c.resource, d.Outcome)
		}
	}
}

func TestEvaluateHandMade(t *testing.T) {
	// Documents that Parse did not make decide nothing, and do no harm.
	p := Policies{Identity: []*Document{nil, {}, {Statements: []*Statement{nil, {}, {Effect: Allow}, {Effect: Deny, Conditions: []*Condition{{}}}}}}}
	if d := p.Evaluate(Request{}); d.Outcome != ImplicitDeny || !d.Can(ImplicitDeny) || d.Can(Allowed) {
		t.Errorf("%+v", d)
	}
	tagged := Policies{Identity: short(t, "p", "Allow * on * if aws:PrincipalTag/a=1")}
	r := Request{Action: "s3:GetObject", Resource: "*", Unknown: []string{"AWS:principaltag/"}}
	if d := tagged.Evaluate(r); !slices.Equal(d.DependsOn, []string{"aws:PrincipalTag/a"}) {
		t.Errorf("unknown prefix: %+v", d)
	}
	r.Context = Context{"AWS:PrincipalTag/": nil}
	if d := tagged.Evaluate(r); d.Outcome != ImplicitDeny || d.Can(Allowed) {
		t.Errorf("absent prefix: %+v", d)
	}
	r.Context = Context{"aws:principaltag/A": {"1"}, "aws:PrincipalTag/": nil}
	if d := tagged.Evaluate(r); d.Outcome != Allowed {
		t.Errorf("a key in the context is known: %+v", d)
	}
}
