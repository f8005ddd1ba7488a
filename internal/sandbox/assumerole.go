package sandbox

import (
	"encoding/xml"
	"fmt"
	"maps"
	"regexp"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

type assumeRoleResult struct {
	XMLName       xml.Name `xml:"AssumeRoleResult"`
	Credentials   credentials
	AssumedRoleID string `xml:"AssumedRoleUser>AssumedRoleId"`
	Arn           string `xml:"AssumedRoleUser>Arn"`
}

// longest is a role's MaxSessionDuration unless an administrator sets another.
const longest = time.Hour

// assumeRole is for every principal, a role's session too (role chaining).
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
			return nil, &failure{403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."}
		}
		if refused := c.who.user.checkCode(c.form.Get("SerialNumber"), c.form.Get("TokenCode")); refused != nil {
			return nil, refused
		}
	}
	r := w.roles[c.form.Get("RoleArn")]
	if r == nil || r.home.partition != c.who.partition || !c.mayAssume(r, mfa) {
		// One answer for all of them, so that nobody can find out which roles exist.
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

// mayAssume asks the trust policy and the caller's own. In the role's account a
// trust policy that names the caller is enough; in another both must allow it
// (IAM User Guide, reference_policies_evaluation-logic-cross-account). mfa is
// true for a call with a code of the caller's. w.mu is held.
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
