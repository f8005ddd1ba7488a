package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
)

// ErrNoProfile is for a profile that was named and does not exist.
var ErrNoProfile = errors.New("there is no such profile")

// Source is where the credentials of a profile come from, as far as that can
// be known from the environment and the two AWS files, without running
// anything, asking the network, or reading a certificate bundle: it is read
// for every answer to git.
type Source struct {
	// Profile is the name of the profile, "default" if none was chosen.
	Profile string
	// Base is the profile whose credentials everything begins with: Profile
	// itself, or the source_profile at the end of a chain of roles.
	Base string
	// Roles are assumed one from the other, the first one from the session of
	// Base. The last one is what Profile is about.
	Roles []Role
	// Keys are the access keys that stand in the environment or the files.
	// They are empty when only the SDK's chain can tell (credential_process,
	// SSO, aws login, web identity, the metadata services).
	Keys aws.Credentials
	// Unset is true when neither the environment nor the files say where
	// credentials come from. A machine's metadata service may still have some.
	Unset bool
	// ID stands for Base in the name of its session: the access key id, or
	// what makes the profile what it is.
	ID string
	// Serial is the mfa_serial of Base. RoleSerial is that of the roles'
	// profiles, which the AWS CLI wants there: it says which device to ask
	// for, and makes no other session of it.
	Serial, RoleSerial string
	// Region is the region of the environment or the profile, or "".
	Region string

	// CABundle is true when the environment or the profile names the
	// certificates that AWS's endpoints are checked with.
	CABundle bool

	// Explicit is true when the profile was named by an option. The SDK and
	// the AWS CLI let such a profile win over AWS_ACCESS_KEY_ID, and let
	// AWS_ACCESS_KEY_ID win over AWS_PROFILE.
	Explicit bool

	// Elsewhere is true when the credentials come from something that has to be
	// run or asked first, an identity provider mostly.
	Elsewhere bool

	// Warning says which variables of the environment stand in the way of
	// others, or is "".
	Warning string
}

func readSource(ctx context.Context, profile string) (Source, error) {
	env, err := config.NewEnvConfig()
	if err != nil {
		return Source{}, fmt.Errorf("reading the AWS environment: %w", err)
	}
	source := Source{Profile: profile, Explicit: profile != "", Region: env.Region, CABundle: env.CustomCABundle != ""}
	if source.Profile == "" {
		source.Profile = env.SharedConfigProfile
	}
	named := source.Profile != ""
	if !named {
		source.Profile = config.DefaultSharedConfigProfile
	}
	source.Base = source.Profile
	source.Warning = source.warning(env, named)
	shared, err := config.LoadSharedConfigProfile(ctx, source.Profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles = files(env.SharedConfigFile, config.DefaultSharedConfigFiles)
		o.CredentialsFiles = files(env.SharedCredentialsFile, config.DefaultSharedCredentialsFiles)
	})
	if err := source.profileError(err, named); err != nil {
		return source, fmt.Errorf("reading the AWS profile %q: %w", source.Profile, err)
	}
	source.fill(env, shared)
	return source, source.checkKeys()
}

// profileError words why a profile can't be read. That nothing is configured
// is no error yet: the metadata services may have credentials.
func (s *Source) profileError(err error, named bool) error {
	var missing config.SharedConfigProfileNotExistError
	var source config.SharedConfigAssumeRoleError
	switch {
	case errors.As(err, &missing) && missing.Profile != s.Profile:
		return fmt.Errorf("its source_profile %q: %w", missing.Profile, ErrNoProfile)
	case errors.As(err, &missing) && named:
		return ErrNoProfile
	case errors.As(err, &missing):
		return nil
	case errors.As(err, &source) && source.Err == nil:
		s.Base = source.Profile
		cause := ErrNoCredentials
		if ProfileKey(source.Profile, "login_session") != "" {
			cause = ErrLoginSource
		}
		return fmt.Errorf("its source_profile %q: %w", source.Profile, cause)
	}
	return err
}

func (s *Source) fill(env config.EnvConfig, shared config.SharedConfig) {
	base := &shared
	if !s.fromEnvironment(env) {
		base = s.chain(&shared)
	}
	s.Serial = base.MFASerial
	s.CABundle = s.CABundle || shared.CustomCABundle != ""
	for _, region := range []string{shared.Region, base.Region, s.roleRegion()} {
		if s.Region == "" {
			s.Region = region
		}
	}
	switch {
	case s.fromEnvironment(env):
		s.Keys = env.Credentials
	case base.Credentials.HasKeys():
		s.Keys = base.Credentials
	}
	s.Base, s.ID, s.Unset = base.Profile, s.Keys.AccessKeyID, !s.Keys.HasKeys() && unset(env, base)
	if s.Base == "" { // no file has the default profile
		s.Base = s.Profile
	}
	if s.ID == "" {
		s.ID, s.Elsewhere = settings(s.Base, env, base), !unset(env, base)
	}
}

// chain follows source_profile to the profile that the credentials come from,
// and notes the roles on the way back. Roles that the SDK assumes by itself,
// from the credentials of a machine (credential_source) or of an identity
// provider (web identity), and with them what else it does without a
// source_profile, stay its own.
func (s *Source) chain(shared *config.SharedConfig) (base *config.SharedConfig) {
	base = shared
	var roles []Role
	for {
		if base.RoleARN == "" || base.Source == nil && !base.Credentials.HasKeys() {
			break
		}
		roles = append(roles, newRole(base))
		if base.MFASerial != "" {
			s.RoleSerial = base.MFASerial // that of the role nearest to the user wins
		}
		if base.Source == nil {
			break
		}
		base = base.Source
	}
	slices.Reverse(roles)
	if !base.Credentials.HasKeys() && slices.ContainsFunc(roles, func(r Role) bool { return r.Profile == base.Profile }) {
		// A profile that is its own source, with other than access keys: the
		// SDK tells the two apart, its loader can't be asked for one of them.
		s.RoleSerial = ""
		return shared
	}
	s.Roles = roles
	return base
}

// roleRegion returns a region of the partition of the role, for a profile that
// names none. AWS's own default for a partition is its first region.
func (s *Source) roleRegion() string {
	if len(s.Roles) == 0 {
		return ""
	}
	partition := s.Roles[len(s.Roles)-1].partition()
	for _, region := range []string{"cn-north-1", "us-gov-west-1", "eusc-de-east-1"} {
		if codecommit.Partition(region) == partition {
			return region
		}
	}
	return ""
}

// Temporary reports whether the keys are known to be temporary, and used as
// they are: STS refuses GetSessionToken for such keys.
func (s *Source) Temporary() bool { return len(s.Roles) == 0 && s.Keys.SessionToken != "" }

func files(override string, defaults []string) []string {
	if override != "" {
		return []string{override}
	}
	return defaults
}
