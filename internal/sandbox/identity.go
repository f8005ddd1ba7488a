package sandbox

import (
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A principal is who makes a request, in the words that AWS's answers and
// policies have for them: a user, or the session of a role.
type principal struct {
	partition, account string
	name               string // of the user, or of the role's session
	arn                string // as GetCallerIdentity gives it
	id                 string
}

// An identity is a principal and the credentials by which they are known; a
// snapshot, so that knobs turned meanwhile do not tear it.
type identity struct {
	principal
	user     *User  // nil for the session of a role
	keyID    string // of a long-term key
	secret   string
	session  *session // nil for long-term keys and static Git credentials
	policies policy.Policies
}

// role is the role whose session this is, or nil.
func (who identity) role() *Role {
	if who.session == nil {
		return nil
	}
	return who.session.role
}

var invalidClientToken = &failure{403, "InvalidClientTokenId", "The security token included in the request is invalid."}

// identify finds the owner of an access key. That the signature fits, and that
// a session has not run out, is for the caller to check.
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
		if k, taken := u.keyTaken(keyID, now); taken && token == "" && u.partition == partition {
			return identity{principal: u.principal(), user: u, keyID: keyID, secret: k.secret, policies: w.policiesOf(u)}, nil
		}
	}
	return identity{}, invalidClientToken
}

// endedWithKey reports whether a session has ended with the access key that it
// was got with; w.mu is held.
func (w *World) endedWithKey(s *session, now time.Time) bool {
	if !w.settings.sessionsEndWithKey || s.user == nil {
		return false
	}
	_, taken := s.user.keyTaken(s.parent, now)
	return !taken
}

// policiesOf are all that restrict a user; w.mu is held.
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
