package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

var (
	// ErrNoProfile is for a profile that was named and does not exist.
	ErrNoProfile = errors.New("there is no such profile")
	// ErrRole is for a profile that assumes a role.
	ErrRole = errors.New("profiles with role_arn are not supported yet")
)

// Source is where the credentials of a profile come from, as far as that can
// be known from the environment and the two AWS files, without running
// anything, asking the network, or reading a certificate bundle: it is read
// for every answer to git.
type Source struct {
	// Profile is the name of the profile, "default" if none was chosen.
	Profile string
	// Keys are the access keys that stand in the environment or the files.
	// They are empty when only the SDK's chain can tell (credential_process,
	// SSO, aws login, web identity, the metadata services).
	Keys aws.Credentials
	// ID stands for the source in the name of its session: the access key id,
	// or what makes the profile what it is.
	ID string
	// Serial is the profile's mfa_serial.
	Serial string
	// Region is the region of the environment or the profile, or "".
	Region string

	// CABundle is true when the environment or the profile names the
	// certificates that AWS's endpoints are checked with.
	CABundle bool

	// Explicit is true when the profile was named by an option. The SDK and
	// the AWS CLI let such a profile win over AWS_ACCESS_KEY_ID, and let
	// AWS_ACCESS_KEY_ID win over AWS_PROFILE.
	Explicit bool
}

// ReadSource reads the environment and the profile. profile is the name from
// the command line, or "" for AWS_PROFILE or the default.
func ReadSource(ctx context.Context, profile string) (Source, error) {
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
	shared, err := config.LoadSharedConfigProfile(ctx, source.Profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles = files(env.SharedConfigFile, config.DefaultSharedConfigFiles)
		o.CredentialsFiles = files(env.SharedCredentialsFile, config.DefaultSharedCredentialsFiles)
	})
	var missing config.SharedConfigProfileNotExistError
	if named && errors.As(err, &missing) {
		return source, fmt.Errorf("reading the AWS profile %q: %w", source.Profile, ErrNoProfile)
	}
	if err != nil && !errors.As(err, &missing) {
		return source, fmt.Errorf("reading the AWS profile %q: %w", source.Profile, err)
	}
	source.fill(env, shared)
	if shared.RoleARN != "" && !source.fromEnvironment(env) && shared.WebIdentityTokenFile == "" {
		return source, fmt.Errorf("reading the AWS profile %q: %w", source.Profile, ErrRole)
	}
	return source, nil
}

func (s *Source) fill(env config.EnvConfig, shared config.SharedConfig) {
	s.Serial = shared.MFASerial
	s.CABundle = s.CABundle || shared.CustomCABundle != ""
	if s.Region == "" {
		s.Region = shared.Region
	}
	switch {
	case s.fromEnvironment(env):
		s.Keys = env.Credentials
	case shared.Credentials.HasKeys():
		s.Keys = shared.Credentials
	}
	s.ID = s.Keys.AccessKeyID
	if s.ID == "" {
		s.ID = strings.Join([]string{"profile", s.Profile, shared.CredentialProcess}, "\x00")
	}
}

func (s *Source) fromEnvironment(env config.EnvConfig) bool {
	return !s.Explicit && env.Credentials.HasKeys()
}

// Temporary reports whether the keys are known to be temporary. STS refuses
// GetSessionToken for such keys, so git's password is signed with them as they
// are.
func (s *Source) Temporary() bool { return s.Keys.SessionToken != "" }

func files(override string, defaults []string) []string {
	if override != "" {
		return []string{override}
	}
	return defaults
}
