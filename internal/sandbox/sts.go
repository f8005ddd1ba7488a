package sandbox

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

var stsAPI = api{
	namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
	version:   "2011-06-15",
	actions: map[string]action{
		"GetSessionToken":   getSessionToken,
		"GetCallerIdentity": getCallerIdentity,
		"AssumeRole":        assumeRole,
	},
}

type sessionTokenResult struct {
	XMLName     xml.Name `xml:"GetSessionTokenResult"`
	Credentials credentials
}

// credentials are temporary credentials in STS's answers.
type credentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

func (s *session) credentials() credentials {
	return credentials{s.keyID, s.secret, s.token, s.expires.Format(time.RFC3339)}
}

// A session has the temporary credentials of GetSessionToken or AssumeRole.
type session struct {
	owner           principal
	user            *User  // nil for a session of a role
	role            *Role  // nil for a session of a user
	parent          string // the access key that requested a user's session
	keyID           string // ASIA…
	secret, token   string
	issued, expires time.Time
	// mfa is true if the session was requested with an MFA code. It is false for
	// roles: "The temporary credentials returned by AssumeRole do not include MFA
	// information in the context" (IAM User Guide,
	// id_credentials_mfa_configure-api-require).
	mfa bool
}

// newSession completes a session and stores it. The caller holds w.mu.
func (w *World) newSession(s session, lifetime time.Duration) *session {
	s.keyID = newKeyID("ASIA")
	s.secret = randomText(40)
	s.token = newToken(w.settings.tokenSize)
	s.issued = w.Clock.Now().Truncate(time.Second)
	s.expires = s.issued.Add(lifetime)
	w.sessions[s.keyID] = &s
	return &s
}

// newToken makes a session token of n characters. It begins like AWS's, and has
// each character that needs care in URLs and shells.
func newToken(n int) string {
	const head, tail = "IQoJb3JpZ2luX2Vj", "/+=="
	return head + randomText(max(n-len(head)-len(tail), 32)) + tail
}

// SetTokenSize sets the length of new session tokens. AWS allows up to 4,096
// bytes.
func (w *World) SetTokenSize(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.tokenSize = n
}

// SetSessionLifetime makes new sessions of users last d instead of the requested
// time, so that tests of expiry need not wait for STS's 15 minutes. 0 ends that.
func (w *World) SetSessionLifetime(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.lifetime = d
}

// SetRoleLifetime does the same for new sessions of roles.
func (w *World) SetRoleLifetime(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings.roleLifetime = d
}

// ForgetSessions invalidates all sessions, as if their user had been deleted and
// created again.
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

// getSessionToken does not evaluate policies: "You can include the
// GetSessionToken action in your policies, but it has no effect".
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
func getSessionToken(c *call) (any, *failure) {
	if c.who.session != nil {
		return nil, &failure{403, "AccessDenied", "Cannot call GetSessionToken with session credentials"}
	}
	lifetime, refused := c.sessionTokenParameters()
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
		if refused := c.who.user.checkCode(c.form.Get("SerialNumber"), c.form.Get("TokenCode")); refused != nil {
			return nil, refused
		}
	}
	if w.settings.lifetime > 0 {
		lifetime = w.settings.lifetime
	}
	s := w.newSession(session{owner: c.who.principal, user: c.who.user, parent: c.who.keyID, mfa: mfa}, lifetime)
	return &sessionTokenResult{Credentials: s.credentials()}, nil
}

// TemporaryKeys returns a new session of the user without MFA, as other programs
// get it.
func (u *User) TemporaryKeys(lifetime time.Duration) (keyID, secret, token string) {
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	s := u.world.newSession(session{owner: u.principal(), user: u, parent: u.AccessKeyID}, lifetime)
	return s.keyID, s.secret, s.token
}

func regionDisabled() *failure {
	return &failure{403, "RegionDisabledException", "STS is not activated in this region for account:" +
		Account + ". Your account administrator can activate STS in this region using the IAM Console."}
}

// checkCode spends a code of the user's device. The messages are exactly AWS's,
// including a trailing and a double space. The caller holds w.mu.
func (u *User) checkCode(serial, code string) *failure {
	for _, d := range u.devices {
		if d.Serial != serial || d.secret == nil {
			continue
		}
		if !d.spend(code) {
			return &failure{403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. "}
		}
		return nil
	}
	return unknownDevice
}

var unknownDevice = &failure{403, "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."}

var (
	serialPattern = regexp.MustCompile(`^[\w+=/:,.@-]*$`)
	digits        = regexp.MustCompile(`^\d*$`)
)

// sessionTokenParameters checks the parameters against the limits of STS's
// model (botocore, sts/2011-06-15) and returns the duration.
func (c *call) sessionTokenParameters() (time.Duration, *failure) {
	var v violations
	lifetime, refused := c.lifetime(&v, 43200, 129600)
	if refused != nil {
		return 0, refused
	}
	serial, code := c.form.Get("SerialNumber"), c.form.Get("TokenCode")
	if c.form.Has("SerialNumber") {
		v.add(len(serial) < 9, serial, "serialNumber", "have length greater than or equal to 9")
		v.add(len(serial) > 256, serial, "serialNumber", "have length less than or equal to 256")
		v.add(!serialPattern.MatchString(serial), serial, "serialNumber", `satisfy regular expression pattern: [\w+=/:,.@-]*`)
	}
	if c.form.Has("TokenCode") {
		v.add(!digits.MatchString(code), code, "tokenCode", `satisfy regular expression pattern: [\d]*`)
		v.add(len(code) > 6, code, "tokenCode", "have length less than or equal to 6")
		v.add(len(code) < 6, code, "tokenCode", "have length greater than or equal to 6")
	}
	if refused := v.failure(); refused != nil {
		return 0, refused
	}
	if c.form.Has("SerialNumber") != c.form.Has("TokenCode") {
		return 0, &failure{400, "ValidationError", "MFA requires both SerialNumber and TokenCode."}
	}
	return lifetime, nil
}

// lifetime reads DurationSeconds, or returns standard if it is missing. Both
// limits are in seconds.
func (c *call) lifetime(v *violations, standard, most int) (time.Duration, *failure) {
	seconds := standard
	if text := c.form.Get("DurationSeconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, &failure{400, "MalformedInput", "DurationSeconds is not an integer"}
		}
		v.add(n < 900, text, "durationSeconds", "have value greater than or equal to 900")
		v.add(n > most, text, "durationSeconds", fmt.Sprintf("have value less than or equal to %d", most))
		seconds = n
	}
	return time.Duration(seconds) * time.Second, nil
}

type callerIdentityResult struct {
	XMLName xml.Name `xml:"GetCallerIdentityResult"`
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

// getCallerIdentity is not subject to policies either. A session of
// GetSessionToken is the user, a session of AssumeRole is the role.
func getCallerIdentity(c *call) (any, *failure) {
	return &callerIdentityResult{Arn: c.who.arn, UserID: c.who.id, Account: c.who.account}, nil
}
