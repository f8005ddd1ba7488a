package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
)

// AWS's limits for AssumeRole: a role's MaxSessionDuration is an hour at least,
// and a role that is assumed from a role's session lasts an hour at most.
const (
	minRoleDuration = 15 * time.Minute
	maxRoleDuration = time.Hour
)

var (
	// ErrRole is for a role that another process could not assume, while this
	// one waited.
	ErrRole = errors.New("the role could not be assumed")
	// ErrRoleDenied is for a role that does not exist, or that policies deny:
	// STS does not tell these apart.
	ErrRoleDenied = errors.New("STS denies it, or there is no such role")
	// ErrNoCode is beside ErrRoleDenied where the role was asked for without a
	// code, with credentials that carry no MFA as far as is known.
	ErrNoCode = errors.New("no MFA code was given for the role")
	// ErrPartition is for a role of another partition than the host: no
	// credentials cross from one to the other.
	ErrPartition = errors.New("the role is of another AWS partition")
	// ErrNoLogin is for a profile with login_session that nobody has logged in to.
	ErrNoLogin = errors.New("there is no session of aws login")
	// ErrExpired is for credentials that ended before they could be used.
	ErrExpired = errors.New("the credentials have expired")
)

// Role is a profile with role_arn.
type Role struct {
	// Profile is the profile's name.
	Profile string
	// ARN, ExternalID and SessionName are its role_arn, external_id and
	// role_session_name.
	ARN, ExternalID, SessionName string
	// Duration is its duration_seconds, within what STS gives in every case.
	Duration time.Duration
}

func newRole(profile *awsfile.Profile) Role {
	r := Role{Profile: profile.Name, ARN: profile.Get("role_arn"), ExternalID: profile.Get("external_id"),
		SessionName: profile.Get("role_session_name"), Duration: maxRoleDuration}
	if seconds := profile.DurationSeconds(); seconds > 0 && seconds < int64(maxRoleDuration/time.Second) {
		r.Duration = max(time.Duration(seconds)*time.Second, minRoleDuration)
	}
	return r
}

// partition returns the second field of the ARN.
func (r Role) partition() string {
	fields := strings.Split(r.ARN, ":")
	return fields[min(1, len(fields)-1)]
}

// From returns the provider of the credentials that the role is assumed from,
// or nil if there is no role. Roles of one source share its session, so that
// one code serves them all.
func (p *Provider) From() *Provider {
	last := len(p.Source.Roles) - 1
	if last < 0 {
		return nil
	}
	from := *p
	from.Source.Roles = p.Source.Roles[:last]
	from.Source.Profile = p.Source.Base
	if last > 0 {
		from.Source.Profile = p.Source.Roles[last-1].Profile
	}
	return &from
}

// identify adds the roles to the name of a session.
func (s *Source) identify(id cache.Identity) cache.Identity {
	if len(s.Roles) == 0 {
		return id
	}
	var arns, externalIDs, names []string
	for _, r := range s.Roles {
		arns, externalIDs, names = append(arns, r.ARN), append(externalIDs, r.ExternalID), append(names, r.SessionName)
	}
	id.Role, id.ExternalID, id.RoleSessionName = join(arns), join(externalIDs), join(names)
	return id
}

// join puts a byte between the parts that no setting can hold.
func join(parts []string) string {
	if strings.Join(parts, "") == "" {
		return ""
	}
	return strings.Join(parts, "\x00")
}

// assume takes the role's own lock, looks again, gets the credentials to
// assume it from, which may take another lock, and assumes it. A lock is taken
// only while those of longer chains are held, never the other way round, so no
// two processes wait for each other.
func (p *Provider) assume(ctx context.Context, look func() (cache.Session, error), want Want) (cache.Session, error) {
	held, err := p.lock(ctx)
	if err != nil {
		return cache.Session{}, err
	}
	defer held.Unlock()
	recent, err := p.refused(held)
	if err != nil {
		return cache.Session{}, err
	}
	old, lookErr := look() // mutation: second look after the lock of a role
	if lookErr == nil {
		return old, nil
	}
	if want == Checked {
		want = Kept // of what the role is assumed from
	}
	from, err := p.From().Session(ctx, want)
	if err != nil {
		return cache.Session{}, err
	}
	x := exchange{Provider: p, recent: recent, keyringFailed: failed(lookErr), spent: old.SpentCode}
	s, err := x.assumeFrom(ctx, from)
	switch {
	case err != nil:
		return s, p.leaveWord(held, fmt.Errorf("assuming the role %s: %w", p.role().ARN, err), lookErr)
	case x.keyringFailed && s.Serial != "":
		return s, p.usedOnce(held, lookErr)
	case x.keyringFailed:
		p.Trace("the role's credentials are not kept: %v", lookErr) // the session before them has said so
		return s, nil
	}
	return s, p.unkept(p.keep(held, s))
}

func (p *Provider) role() Role { return p.Source.Roles[len(p.Source.Roles)-1] }

// codeAtRole reports whether the code may have to go into AssumeRole itself: the
// keys that the role is assumed from are not known to be a user's long-term
// ones, for which there is a session, and the role's profile names a device.
func (p *Provider) codeAtRole() bool {
	longTerm := p.Source.Stored || p.Source.Keys.HasKeys() && p.Source.Keys.SessionToken == ""
	return len(p.Source.Roles) == 1 && p.Source.RoleSerial.Text != "" && !longTerm
}

// takesCode reports whether the code goes into AssumeRole, as with the AWS CLI:
// temporary keys of another's making carry a role's profile's mfa_serial there.
// Of what is a session of ours already, the trust policy sees the MFA.
func (p *Provider) takesCode(from cache.Session) bool {
	return p.codeAtRole() && from.SessionToken != "" && from.Serial == "" // mutation: the code of a role
}
