package awssource

import (
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
)

// The limits of AssumeRole that hold for every role: MaxSessionDuration is at
// least an hour, and a role assumed with a role's session lasts at most an hour.
const (
	minRoleDuration = 15 * time.Minute
	maxRoleDuration = time.Hour
)

// Role is a profile with role_arn.
type Role struct {
	// Profile is the profile's name.
	Profile string
	// ARN, ExternalID and SessionName are its role_arn, external_id and
	// role_session_name.
	ARN, ExternalID, SessionName string
	// Duration is its duration_seconds, within the limits for every role.
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

// Partition returns the second field of the ARN.
func (r Role) Partition() string {
	fields := strings.Split(r.ARN, ":")
	return fields[min(1, len(fields)-1)]
}

// Identity returns the identity of the source's session, for the hosts of a
// region and a configured MFA device, which may be "". It holds no secret.
func (s *Source) Identity(region, serial string) cache.Identity {
	id := cache.Identity{Partition: codecommit.Partition(region), Source: s.ID, Serial: serial}
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

// join joins the parts by a byte that no setting can contain.
func join(parts []string) string {
	if strings.Join(parts, "") == "" {
		return ""
	}
	return strings.Join(parts, "\x00")
}
