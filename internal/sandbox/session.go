package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A session is what GetSessionToken or AssumeRole made.
type session struct {
	owner           principal
	user            *User  // nil for a role's
	role            *Role  // nil for a user's
	parent          string // the access key that a user's was got with
	keyID           string // ASIA…
	secret, token   string
	issued, expires time.Time
	// mfa: made with an MFA code. Never true for a role's: "The temporary
	// credentials returned by AssumeRole do not include MFA information in the
	// context" (IAM User Guide, id_credentials_mfa_configure-api-require).
	mfa bool
}

// newSession fills in a session and keeps it; w.mu is held.
func (w *World) newSession(s session, lifetime time.Duration) *session {
	s.keyID = newKeyID("ASIA")
	s.secret = randomText(40)
	s.token = newToken(w.settings.tokenSize)
	s.issued = w.Clock.Now().Truncate(time.Second)
	s.expires = s.issued.Add(lifetime)
	w.sessions[s.keyID] = &s
	return &s
}

// newToken makes a session token of n characters with the beginning that real
// ones have, and surely with each character that needs care in URLs and shells.
func newToken(n int) string {
	const head, tail = "IQoJb3JpZ2luX2Vj", "/+=="
	return head + randomText(max(n-len(head)-len(tail), 32)) + tail
}

// SetTokenSize sets the length of coming session tokens. AWS: "make no
// assumptions about the maximum size"; 4,096 and more are met.
func (w *World) SetTokenSize(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.tokenSize = n
}

// SetSessionLifetime makes coming sessions of users last d, whatever is asked
// for, so that expiry can be tested below STS's 15 minutes; 0 ends that.
func (w *World) SetSessionLifetime(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.lifetime = d
}

// SetRoleLifetime does the same for coming sessions of roles.
func (w *World) SetRoleLifetime(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.roleLifetime = d
}

// ForgetSessions makes AWS know none of the sessions any more, as after their
// user was deleted and made anew.
func (w *World) ForgetSessions() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.sessions)
}

// SetRegionActive turns STS off in a region, or on again.
func (w *World) SetRegionActive(region string, active bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.disabled[region] = !active
}

// context is what AWS tells the policies of a direct request.
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
	// With long-term credentials the MFA keys are absent, not false: what
	// BoolIfExists is about.
	if s := who.session; s != nil {
		c["aws:TokenIssueTime"] = []string{s.issued.Format(time.RFC3339)}
		c["aws:MultiFactorAuthPresent"] = []string{strconv.FormatBool(s.mfa)}
		if s.mfa {
			c["aws:MultiFactorAuthAge"] = []string{fmt.Sprintf("%.0f", now.Sub(s.issued).Seconds())}
		}
	}
	return c
}

// forwarded is what AWS tells them when CodeCommit calls KMS for the user. The
// key of MFA is present there even for long-term credentials, and false, since
// the service calls with temporary ones; the user's address is not known.
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

// Secrets are all that nobody but the user, AWS and a keyring may hold: the
// secret keys, of sessions the tokens too, and the seeds of MFA devices. Tests
// look for them elsewhere.
func (w *World) Secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var secrets []string
	for _, d := range w.unassigned {
		secrets = append(secrets, d.seed())
	}
	for _, u := range w.users {
		for _, k := range slices.Concat(u.keys, u.deletedKeys) {
			secrets = append(secrets, k.secret)
		}
		for _, d := range u.devices {
			if d.secret != nil {
				secrets = append(secrets, d.seed())
			}
		}
	}
	for _, s := range w.sessions {
		secrets = append(secrets, s.secret, s.token)
	}
	for token := range w.portal {
		secrets = append(secrets, token)
	}
	return secrets
}
