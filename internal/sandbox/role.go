package sandbox

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A Role is an IAM role, in any account.
type Role struct {
	ARN string

	world    *World
	home     principal // its partition, account, name and id
	trust    []trust
	policies []*policy.Document
}

// trust is a statement of a trust policy: its principals, and the rest of it.
type trust struct {
	principals []string
	rest       *policy.Document
}

var roleARN = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:[!-~]*/)?([\w+=,.@-]{1,64})$`)

// AddRole makes a role in the account and partition of its ARN. The role may do
// everything. trustPolicy is JSON as in IAM. Its statements have a Principal
// with "AWS", and may have a Condition.
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

// SetPolicies replaces the role's policies.
func (r *Role) SetPolicies(documents ...*policy.Document) {
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.policies = documents
}

// SetTrust replaces the role's trust policy.
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

// parseTrust separates a statement's principals from the rest. With a resource
// added, the rest is an identity-based policy, which package policy evaluates.
func parseTrust(s map[string]json.RawMessage) (trust, error) {
	var who struct{ AWS json.RawMessage }
	if err := json.Unmarshal(s["Principal"], &who); err != nil {
		return trust{}, fmt.Errorf("the principal: %w", err)
	}
	var names []string
	if json.Unmarshal(who.AWS, &names) != nil { // a single name, not a list
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

// trusts returns the trust policy's decision for a request, and whether the
// policy names the caller and not only the caller's account.
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

// session returns the principal of a session of the role. Its ARN has the role's
// name without the path (IAM User Guide, reference_identifiers).
func (r *Role) session(name string) principal {
	p := r.home
	p.arn = "arn:" + p.partition + ":sts::" + p.account + ":assumed-role/" + p.name + "/" + name
	p.id, p.name = p.id+":"+name, name
	return p
}

type assumeRoleResult struct {
	XMLName       xml.Name `xml:"AssumeRoleResult"`
	Credentials   credentials
	AssumedRoleID string `xml:"AssumedRoleUser>AssumedRoleId"`
	Arn           string `xml:"AssumedRoleUser>Arn"`
}

// longest is a role's default MaxSessionDuration.
const longest = time.Hour

// assumeRole serves every principal, also a role's session (role chaining).
func assumeRole(c *call) (any, *failure) {
	lifetime, refused := c.assumeRoleParameters()
	if refused != nil {
		return nil, refused
	}
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.settings.disabled[c.at.region] {
		return nil, regionDisabled()
	}
	mfa := c.form.Has("SerialNumber")
	if mfa {
		if c.who.user == nil { // a role has no devices
			return nil, unknownDevice
		}
		if refused := c.who.user.checkCode(c.form.Get("SerialNumber"), c.form.Get("TokenCode")); refused != nil {
			return nil, refused
		}
	}
	r := w.roles[c.form.Get("RoleArn")]
	if r == nil || r.home.partition != c.who.partition || !c.mayAssume(r, mfa) {
		// The answer does not reveal which roles exist.
		return nil, &failure{403, "AccessDenied", fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
			c.who.arn, c.form.Get("RoleArn"))}
	}
	if lifetime > longest {
		if c.who.role() != nil {
			return nil, &failure{400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"}
		}
		return nil, &failure{400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."}
	}
	if w.settings.roleLifetime > 0 {
		lifetime = w.settings.roleLifetime
	}
	s := w.newSession(session{owner: r.session(c.form.Get("RoleSessionName")), role: r}, lifetime)
	return &assumeRoleResult{Credentials: s.credentials(), AssumedRoleID: s.owner.id, Arn: s.owner.arn}, nil
}

// mayAssume evaluates the trust policy and the caller's policies. In the role's
// own account, a trust policy that names the caller is enough. In another, both
// must allow the call (IAM User Guide,
// reference_policies_evaluation-logic-cross-account). mfa is true for a call with
// a valid code. The caller holds w.mu.
func (c *call) mayAssume(r *Role, mfa bool) bool {
	context := maps.Clone(c.who.context(c.world.Clock.Now(), c.at.region))
	if mfa {
		context["aws:MultiFactorAuthPresent"], context["aws:MultiFactorAuthAge"] = []string{"true"}, []string{"0"}
	}
	context["sts:RoleSessionName"] = []string{c.form.Get("RoleSessionName")}
	if id := c.form.Get("ExternalId"); id != "" {
		context["sts:ExternalId"] = []string{id}
	}
	request := policy.Request{Action: "sts:AssumeRole", Resource: r.ARN, Context: context}
	trust, byName := r.trusts(c.who, request)
	own := c.who.policies.Evaluate(request).Outcome
	switch {
	case trust != policy.Allowed || own == policy.ExplicitDeny:
		return false
	case own == policy.Allowed:
		return true
	}
	return byName && r.home.account == c.who.account
}

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
)

// assumeRoleParameters checks the parameters against the limits of STS's
// model (botocore, sts/2011-06-15).
func (c *call) assumeRoleParameters() (time.Duration, *failure) {
	var v violations
	lifetime, refused := c.lifetime(&v, 3600, 43200)
	if refused != nil {
		return 0, refused
	}
	name := c.form.Get("RoleSessionName")
	v.add(len(name) < 2, name, "roleSessionName", "have length greater than or equal to 2")
	v.add(len(name) > 64, name, "roleSessionName", "have length less than or equal to 64")
	v.add(!sessionName.MatchString(name), name, "roleSessionName", `satisfy regular expression pattern: [\w+=,.@-]*`)
	if id := c.form.Get("ExternalId"); c.form.Has("ExternalId") {
		v.add(len(id) < 2, id, "externalId", "have length greater than or equal to 2")
		v.add(!externalID.MatchString(id), id, "externalId", `satisfy regular expression pattern: [\w+=,.@:\/-]*`)
	}
	if arn := c.form.Get("RoleArn"); !roleARN.MatchString(arn) {
		return 0, &failure{400, "ValidationError", arn + " is invalid"}
	}
	return lifetime, v.failure()
}

// PortalToken returns an access token of IAM Identity Center for the role, as
// "aws sso login" stores it in ~/.aws/sso/cache.
func (r *Role) PortalToken() string {
	token := randomText(80)
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.world.portal[token] = r
	return token
}

// servePortal is GetRoleCredentials of IAM Identity Center's portal, with which
// SDKs exchange an access token for keys.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
func (w *World) servePortal(rw *recorder, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	w.mu.Lock()
	defer w.mu.Unlock()
	query := r.URL.Query()
	role := w.portal[r.Header.Get("x-amz-sso_bearer_token")]
	if r.URL.Path != "/federation/credentials" || role == nil ||
		query.Get("account_id") != role.home.account || query.Get("role_name") != role.home.name {
		rw.Header().Set("x-amzn-ErrorType", "UnauthorizedException")
		rw.WriteHeader(http.StatusUnauthorized)
		rw.Write([]byte(`{"message":"Session token not found or invalid"}`))
		return
	}
	rw.action = "GetRoleCredentials"
	lifetime := time.Hour
	if w.settings.roleLifetime > 0 {
		lifetime = w.settings.roleLifetime
	}
	s := w.newSession(session{owner: role.session("alice@example.com"), role: role}, lifetime)
	answer, err := json.Marshal(map[string]any{"roleCredentials": map[string]any{
		"accessKeyId": s.keyID, "secretAccessKey": s.secret, "sessionToken": s.token, "expiration": s.expires.UnixMilli()}})
	if err != nil {
		panic(err) // cannot happen: there are only strings and a number
	}
	rw.Write(answer)
}
