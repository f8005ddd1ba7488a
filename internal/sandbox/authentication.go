package sandbox

import (
	"crypto/hmac"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A failure is an error answer of AWS.
type failure struct {
	status        int
	code, message string
}

// How far a signature's time may be off: "5 min." in STS's messages, "about 15
// minutes" in CodeCommit's user guide.
const (
	headerTolerance = 5 * time.Minute
	gitTolerance    = 15 * time.Minute
)

func doesNotMatch(message string) *failure {
	return &failure{403, "SignatureDoesNotMatch", message}
}

// authenticate checks a request's Authorization header as STS and IAM do.
func (w *World) authenticate(r *http.Request, body []byte, at place) (identity, *failure) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return identity{}, &failure{403, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	}
	sc, ok := parseAuthorization(header)
	signed, err := time.Parse(stampForm, r.Header.Get("X-Amz-Date"))
	if !ok || err != nil {
		return identity{}, &failure{400, "IncompleteSignature", "Authorization header requires 'Credential', 'Signature', 'SignedHeaders' and an 'X-Amz-Date' header."}
	}
	who, refused := w.identify(at.partition, sc.keyID, r.Header.Get("X-Amz-Security-Token"))
	if refused != nil {
		return identity{}, refused
	}
	if refused := checkScope(sc, at, signed); refused != nil {
		return identity{}, refused
	}
	now := w.Clock.Now()
	if refused := checkAge(signed, now); refused != nil {
		return identity{}, refused
	}
	if !hmac.Equal([]byte(headerSignature(who.secret, r, body, sc)), []byte(sc.signature)) {
		return identity{}, doesNotMatch("The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if s := who.session; s != nil && !now.Before(s.expires) {
		return identity{}, &failure{403, "ExpiredToken", "The security token included in the request is expired"}
	}
	return who, nil
}

// checkScope compares the signature's scope with the host's service and region.
func checkScope(sc scope, at place, signed time.Time) *failure {
	switch {
	case sc.region != at.region:
		return doesNotMatch("Credential should be scoped to a valid region. ")
	case sc.service != at.service:
		return doesNotMatch(fmt.Sprintf("Credential should be scoped to correct service: '%s'. ", at.service))
	case sc.date != signed.Format("20060102"):
		return doesNotMatch(fmt.Sprintf("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s'.", sc.date, signed.Format("20060102")))
	}
	return nil
}

// checkAge has the messages of STS. A client can compute its clock's offset from
// the third time in them.
func checkAge(signed, now time.Time) *failure {
	early, late := now.Add(-headerTolerance), now.Add(headerTolerance)
	switch {
	case signed.Before(early):
		return doesNotMatch(fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			signed.Format(stampForm), early.Format(stampForm), now.Format(stampForm)))
	case signed.After(late):
		return doesNotMatch(fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			signed.Format(stampForm), late.Format(stampForm), now.Format(stampForm)))
	}
	return nil
}

// authenticateGit checks the Basic credentials of a git request for the
// repository at path. It returns the reason of a refusal for the log, because
// CodeCommit does not give one to the client.
func (w *World) authenticateGit(r *http.Request, at place, path string) (identity, string) {
	username, password, _ := r.BasicAuth()
	if who, ok := w.identifyStatic(at.partition, username, password); ok {
		return who, ""
	}
	signed, signature, ok := parseGitPassword(password)
	if !ok {
		return identity{}, "the password is neither static nor a signature"
	}
	keyID, token, hasToken := strings.Cut(username, "%")
	who, refused := w.identify(at.partition, keyID, token)
	if refused != nil || hasToken != (token != "") {
		return identity{}, "the access key or session token is not valid"
	}
	now := w.Clock.Now()
	host := strings.ToLower(hostWithoutPort(r.Host))
	switch {
	case !hmac.Equal([]byte(gitSignature(who.secret, host, path, at.region, signed)), []byte(signature)):
		return identity{}, "the signature does not match"
	case now.Sub(signed).Abs() > gitTolerance:
		return identity{}, "the signature's time is off by " + now.Sub(signed).Round(time.Second).String()
	case who.session != nil && !now.Before(who.session.expires):
		return identity{}, "the session has expired"
	}
	return who, ""
}

func hostWithoutPort(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// A principal makes requests: a user, or the session of a role.
type principal struct {
	partition, account string
	name               string // of the user, or of the role's session
	arn                string // as GetCallerIdentity gives it
	id                 string
}

// An identity is a principal with its credentials and policies. It is a
// snapshot, so later changes of the world do not affect it.
type identity struct {
	principal
	user     *User  // nil for the session of a role
	keyID    string // of a long-term key
	secret   string
	session  *session // nil for long-term keys and static Git credentials
	policies policy.Policies
}

// role returns the role whose session this is, or nil.
func (who identity) role() *Role {
	if who.session == nil {
		return nil
	}
	return who.session.role
}

var invalidClientToken = &failure{403, "InvalidClientTokenId", "The security token included in the request is invalid."}

// identify finds the owner of an access key. The caller checks the signature
// and whether the session has expired.
func (w *World) identify(partition, keyID, token string) (identity, *failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.Clock.Now()
	if s := w.sessions[keyID]; s != nil && token == s.token && s.owner.partition == partition && !w.endedWithKey(s, now) {
		who := identity{principal: s.owner, user: s.user, secret: s.secret, session: s}
		if s.role != nil {
			who.policies = policy.Policies{Identity: s.role.policies, SCPs: w.organization()}
		} else {
			who.policies = w.policiesOf(s.user)
		}
		return who, nil
	}
	for _, u := range w.users {
		if k, accepted := u.keyAccepted(keyID, now); accepted && token == "" && u.partition == partition {
			return identity{principal: u.principal(), user: u, keyID: keyID, secret: k.secret, policies: w.policiesOf(u)}, nil
		}
	}
	return identity{}, invalidClientToken
}

// endedWithKey reports whether a session has ended because its access key was
// deactivated or deleted. The caller holds w.mu.
func (w *World) endedWithKey(s *session, now time.Time) bool {
	if !w.settings.sessionsEndWithKey || s.user == nil {
		return false
	}
	_, accepted := s.user.keyAccepted(s.parent, now)
	return !accepted
}

// policiesOf returns all policies that apply to a user. The caller holds w.mu.
func (w *World) policiesOf(u *User) policy.Policies {
	return policy.Policies{Identity: u.Policies, Boundary: u.boundary, SCPs: w.organization()}
}

// identifyStatic finds the owner of a static Git credential.
func (w *World) identifyStatic(partition, username, password string) (identity, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range w.users {
		if u.gitPassword != "" && strings.EqualFold(u.gitUsername(), username) &&
			u.gitPassword == password && u.partition == partition {
			return identity{principal: u.principal(), user: u, policies: w.policiesOf(u)}, true
		}
	}
	return identity{}, false
}

// context returns the condition keys of a direct request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (who identity) context(now time.Time, region string) policy.Context {
	c := policy.Context{
		"aws:username":         {who.name},
		"aws:userid":           {who.id},
		"aws:PrincipalArn":     {who.arn},
		"aws:PrincipalAccount": {who.account},
		"aws:PrincipalType":    {"User"},
		"aws:RequestedRegion":  {region},
		"aws:SecureTransport":  {"true"},
		"aws:ViaAWSService":    {"false"},
		"aws:SourceIp":         {"127.0.0.1"},
		"aws:CurrentTime":      {now.Format(time.RFC3339)},
		"aws:EpochTime":        {strconv.FormatInt(now.Unix(), 10)},
	}
	if r := who.role(); r != nil {
		delete(c, "aws:username") // users have one, roles do not
		c["aws:PrincipalArn"] = []string{r.ARN}
		c["aws:PrincipalType"] = []string{"AssumedRole"}
	}
	// With long-term credentials the MFA keys are absent, not false. That is why
	// policies use BoolIfExists.
	if s := who.session; s != nil {
		c["aws:TokenIssueTime"] = []string{s.issued.Format(time.RFC3339)}
		c["aws:MultiFactorAuthPresent"] = []string{strconv.FormatBool(s.mfa)}
		if s.mfa {
			c["aws:MultiFactorAuthAge"] = []string{fmt.Sprintf("%.0f", now.Sub(s.issued).Seconds())}
		}
	}
	return c
}

// forwarded returns the condition keys of CodeCommit's call to KMS for the user.
// CodeCommit calls with temporary credentials, so aws:MultiFactorAuthPresent is
// false instead of absent if the user has long-term credentials. The user's
// address is not known.
func (who identity) forwarded(now time.Time, region string) policy.Context {
	c := who.context(now, region)
	delete(c, "aws:SourceIp")
	c["aws:ViaAWSService"] = []string{"true"}
	c["kms:ViaService"] = []string{"codecommit." + region + ".amazonaws.com"}
	c["kms:CallerAccount"] = []string{who.account}
	if who.session == nil {
		c["aws:MultiFactorAuthPresent"] = []string{"false"}
	}
	return c
}
