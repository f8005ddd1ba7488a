package policy

import (
	"fmt"
	"strings"
	"testing"
)

// keyPolicy makes a key's policy of one statement.
func keyPolicy(t *testing.T, effect, principal string) []*Document {
	t.Helper()
	text := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": %q, %s, "Action": "kms:*", "Resource": "*"}}`, effect, principal)
	d, err := ParseAt(Key, "key", 1, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return []*Document{d}
}

// TestKeyPrincipals has alice use a key: with an Allow of her own, and without.
// The rules are of reference_policies_elements_principal and the KMS developer
// guide's "key-policy-default".
func TestKeyPrincipals(t *testing.T) {
	for _, c := range []struct {
		principal     string
		with, without string // the outcome with an identity policy that allows, and without
	}{
		{`"Principal": "*"`, "allowed", "allowed"},
		{`"Principal": {"AWS": "*"}`, "allowed", "allowed"},
		{`"Principal": {"AWS": ["arn:aws:iam::123456789012:user/alice"]}`, "allowed", "allowed"},
		{`"Principal": {"AWS": "AIDAEXAMPLEUSERIDALICE"}`, "allowed", "allowed"},
		{`"Principal": {"AWS": "arn:aws:iam::123456789012:root"}`, "allowed", "implicitDeny"},
		{`"Principal": {"AWS": "123456789012"}`, "allowed", "implicitDeny"},
		{`"Principal": {"AWS": ["210987654321", "arn:aws:iam::123456789012:user/bob"]}`, "implicitDeny", "implicitDeny"},
		{`"Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}`, "implicitDeny", "implicitDeny"},
		{`"Principal": {"AWS": "arn:aws:iam::123456789012:role/alice"}`, "implicitDeny", "implicitDeny"},
		{`"Principal": {"Service": "codecommit.amazonaws.com"}`, "implicitDeny", "implicitDeny"},
	} {
		r := stackRequest("session-mfa", "kms:Decrypt")
		p := Policies{Key: keyPolicy(t, Allow, c.principal)}
		if d := p.Evaluate(r); string(d.Outcome) != c.without {
			t.Errorf("%s, no Allow: %s, want %s", c.principal, d.Outcome, c.without)
		}
		p.Identity = []*Document{parse(t, "admin", administer)}
		if d := p.Evaluate(r); string(d.Outcome) != c.with {
			t.Errorf("%s, an Allow: %s, want %s", c.principal, d.Outcome, c.with)
		}
	}
}

// TestDenyPrincipals has a key deny, and everything else allow.
func TestDenyPrincipals(t *testing.T) {
	for _, c := range []struct{ principal, want string }{
		{`"Principal": "*"`, "explicitDeny by key1 on"},
		{`"Principal": {"AWS": "arn:aws:iam::123456789012:root"}`, "explicitDeny by key1 on"},
		{`"Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}`, "allowed on"},
		{`"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:user/bob"}`, "explicitDeny by key1 on"},
		{`"NotPrincipal": {"AWS": "123456789012"}`, "explicitDeny by key1 on"},
		{`"NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:user/alice", "123456789012"]}`, "allowed on"},
		{`"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:user/alice"}`, "depends by key1 on NotPrincipal"},
		{`"NotPrincipal": {"AWS": "*"}`, "allowed on"},
	} {
		p := Policies{Identity: []*Document{parse(t, "admin", administer)},
			Key: append(keyPolicy(t, Deny, c.principal), keyPolicy(t, Allow, `"Principal": {"AWS": "123456789012"}`)...)}
		d := p.Evaluate(stackRequest("session-mfa", "kms:Decrypt"))
		got := string(d.Outcome)
		if d.Outcome != Allowed {
			got += " by key1"
		}
		if got += " on " + strings.Join(d.DependsOn, ","); strings.TrimSpace(got) != c.want {
			t.Errorf("%s: %s, want %s", c.principal, got, c.want)
		}
	}
}

// TestUnknownPrincipal knows only the account, or not even that.
func TestUnknownPrincipal(t *testing.T) {
	for _, c := range []struct{ principal, arn, want string }{
		{"arn:aws:iam::123456789012:user/alice", "arn:aws:iam::123456789012:user/~", "depends on aws:PrincipalArn"},
		{"arn:aws:iam::123456789012:role/alice", "arn:aws:iam::123456789012:user/~", "implicitDeny on "},
		{"arn:aws:iam::210987654321:user/alice", "arn:aws:iam::123456789012:user/~", "implicitDeny on "},
		{"123456789012", "arn:aws:iam::123456789012:user/~", "allowed on "},
		{"210987654321", "arn:aws:iam::123456789012:user/~", "implicitDeny on "},
		{"123456789012", "arn:aws:iam::~:user/~", "depends on aws:PrincipalAccount"},
		// What a template fills in.
		{"arn:~:iam::~:root", "arn:aws:iam::123456789012:user/Alice", "depends on text"},
		{"~", "arn:aws:iam::123456789012:user/Alice", "depends on text"},
		{"arn:aws:iam::~:user/Alice", "arn:aws:iam::123456789012:user/Alice", "depends on text"},
		{"arn:aws:iam::~:user/bob", "arn:aws:iam::123456789012:user/Alice", "implicitDeny on "},
		{"arn:aws:iam::~:role/~", "arn:aws:iam::123456789012:user/~", "implicitDeny on "},
	} {
		p := Policies{Identity: []*Document{parse(t, "admin", administer)}, Key: keyPolicy(t, Allow, `"Principal": {"AWS": "`+strings.ReplaceAll(c.principal, "~", `\u0000`)+`"}`)}
		d := p.Evaluate(Request{Action: "kms:Decrypt", Resource: resources["kms"], Unknown: []string{"aws:"},
			Context: Context{"aws:PrincipalArn": {strings.ReplaceAll(c.arn, "~", Unspecified)}}})
		if got := string(d.Outcome) + " on " + strings.Join(d.DependsOn, ","); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.principal, c.arn, got, c.want)
		}
	}
}

func TestParsePrincipals(t *testing.T) {
	for _, c := range []struct {
		layer          Layer
		elements, want string
	}{
		{Key, ``, "p.json:1: statement 1 names no Principal, which a key policy needs"},
		{RCP, `"Principal": "*", "NotPrincipal": "*",`, "p.json:1: statement 1 has both Principal and NotPrincipal"},
		{Endpoint, `"Principal": {"AWS": 7},`, "p.json:1: statement 1: Principal AWS is a number, not a string"},
		{SCP, `"Principal": "*",`, "p.json:1: statement 1 " + ErrPrincipal.Error()},
		{Boundary, `"NotPrincipal": "*",`, "p.json:1: statement 1 " + ErrPrincipal.Error()},
	} {
		_, err := ParseAt(c.layer, "p.json", 1, []byte(`{"Statement": {`+c.elements+` "Effect": "Allow", "Action": "*", "Resource": "*"}}`))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s, %s: %v, want %s", c.layer, c.elements, err, c.want)
		}
	}
}
