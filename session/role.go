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
	// ErrPartition is for a role of another partition than the host: no
	// credentials cross from one to the other.
	ErrPartition = errors.New("the role is of another AWS partition")
	// ErrExpired is for credentials that ended before they could be used.
	ErrExpired = errors.New("the credentials have expired")
	// ErrLoginSource is for a role from the session of "aws login", which the
	// SDK's loader does not count as credentials.
	ErrLoginSource = errors.New("the SDK assumes no role from a session of aws login by itself")
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

// Start returns a session of which is known that it can be had now: a role's
// is assumed anew, from the session that the keyring holds or a new one.
func (p *Provider) Start(ctx context.Context) (cache.Session, error) {
	if len(p.Source.Roles) == 0 {
		return p.Session(ctx)
	}
	return p.assumeAnew(ctx, (*Provider).Session)
}

func (p *Provider) assumeAnew(ctx context.Context, get func(*Provider, context.Context) (cache.Session, error)) (cache.Session, error) {
	return p.assume(ctx, func() (cache.Session, error) { return cache.Session{}, errExpired }, get)
}

// assume takes the role's own lock, looks again, gets the credentials to
// assume it from, which may take another lock, and assumes it. A lock is taken
// only while those of longer chains are held, never the other way round, so no
// two processes wait for each other.
func (p *Provider) assume(ctx context.Context, look func() (cache.Session, error), get func(*Provider, context.Context) (cache.Session, error)) (cache.Session, error) {
	held, err := p.lock(ctx)
	if err != nil {
		return cache.Session{}, err
	}
	defer held.Unlock()
	old, lookErr := look()
	if lookErr == nil {
		return old, nil
	}
	if at, reason, ok := held.Refusal(); ok && !p.ByHand && at.After(p.Started) {
		return cache.Session{}, fmt.Errorf("%w: %s", ErrRole, reason)
	}
	from, err := get(p.From(), ctx)
	if err != nil {
		return cache.Session{}, err
	}
	s, err := p.assumeFrom(ctx, from)
	switch {
	case err != nil:
		err = fmt.Errorf("assuming the role %s: %w", p.role().ARN, err)
		p.note(held, err.Error())
	case failed(lookErr):
		p.Trace("the role's credentials are not kept: %v", lookErr) // the session before them has said so
	default:
		err = p.unkept(p.keep(held, s))
	}
	return s, err
}

func (p *Provider) role() Role { return p.Source.Roles[len(p.Source.Roles)-1] }
