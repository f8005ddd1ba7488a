package sandbox

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A Role is an IAM role of any account.
type Role struct {
	ARN string

	world    *World
	home     principal // its partition, account, name and id
	trust    []trust
	policies []*policy.Document
}

// trust is a statement of a trust policy: who, and the rest of it.
type trust struct {
	principals []string
	rest       *policy.Document
}

var roleARN = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:[!-~]*/)?([\w+=,.@-]{1,64})$`)

// AddRole makes a role, which may do everything, in the account and partition
// of its ARN. trustPolicy is JSON as in IAM: its statements have a Principal
// with "AWS", and any Condition.
func (w *World) AddRole(arn, trustPolicy string) (*Role, error) {
	m := roleARN.FindStringSubmatch(arn)
	if m == nil {
		return nil, fmt.Errorf("adding role %q: not a role's ARN", arn)
	}
	r := &Role{ARN: arn, world: w, home: principal{partition: m[1], account: m[2], name: m[3], id: newKeyID("AROA")},
		policies: w.policies[1:]}
	if err := r.SetTrust(trustPolicy); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roles[arn] = r
	return r, nil
}

// SetPolicies puts other policies in place of the role's.
func (r *Role) SetPolicies(documents ...*policy.Document) {
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.policies = documents
}

// SetTrust puts another trust policy in place of the role's.
func (r *Role) SetTrust(trustPolicy string) error {
	var document struct{ Statement []map[string]json.RawMessage }
	if err := json.Unmarshal([]byte(trustPolicy), &document); err != nil {
		return fmt.Errorf("parsing the trust policy: %w", err)
	}
	var statements []trust
	for _, s := range document.Statement {
		t, err := parseTrust(s)
		if err != nil {
			return fmt.Errorf("parsing the trust policy: %w", err)
		}
		statements = append(statements, t)
	}
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.trust = statements
	return nil
}

// parseTrust takes the principal out of a statement. What is left is an
// identity policy but for the resource, which is the role itself, so package
// policy evaluates it.
func parseTrust(s map[string]json.RawMessage) (trust, error) {
	var who struct{ AWS json.RawMessage }
	if err := json.Unmarshal(s["Principal"], &who); err != nil {
		return trust{}, fmt.Errorf("the principal: %w", err)
	}
	var names []string
	if json.Unmarshal(who.AWS, &names) != nil { // one, or a list
		names = make([]string, 1)
		if err := json.Unmarshal(who.AWS, &names[0]); err != nil {
			return trust{}, fmt.Errorf("the principal: %w", err)
		}
	}
	delete(s, "Principal")
	s["Resource"] = json.RawMessage(`"*"`)
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": s})
	if err != nil {
		return trust{}, err
	}
	rest, err := policy.Parse("trust policy", text)
	return trust{names, rest}, err
}

// trusts gives what the trust policy decides for a request, and whether it
// names the caller themselves, not only their account.
func (r *Role) trusts(who identity, request policy.Request) (outcome policy.Outcome, byName bool) {
	account := "arn:" + who.partition + ":iam::" + who.account + ":root"
	name := who.arn
	if role := who.role(); role != nil {
		name = role.ARN
	}
	var apply []*policy.Document
	for _, t := range r.trust {
		named := slices.Contains(t.principals, name) || slices.Contains(t.principals, who.arn)
		if named || slices.Contains(t.principals, account) || slices.Contains(t.principals, who.account) {
			apply = append(apply, t.rest)
			byName = byName || named
		}
	}
	return policy.Policies{Identity: apply}.Evaluate(request).Outcome, byName
}

// session is the principal that a session of the role is. Its ARN has the
// role's name only, without the path (IAM User Guide, reference_identifiers).
func (r *Role) session(name string) principal {
	p := r.home
	p.arn = "arn:" + p.partition + ":sts::" + p.account + ":assumed-role/" + p.name + "/" + name
	p.id, p.name = p.id+":"+name, name
	return p
}
