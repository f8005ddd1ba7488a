// Package awssource finds where the credentials of a profile come from, by the
// environment and the two AWS files. It does not import the SDK, so that a cached
// answer is given before the SDK is initialised; tests compare the two.
package awssource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// ErrNoCredentials is for a profile without credentials.
var ErrNoCredentials = errors.New("no AWS credentials")

// ErrNoProfile is for a named profile that does not exist.
var ErrNoProfile error = awsfile.NoProfile

// Source is where the credentials of a profile come from, as far as the
// environment and the two AWS files tell. It is read for every answer to git, so
// reading it runs nothing and uses no network.
type Source struct {
	// Profile is the name of the profile, "default" if none was named.
	Profile string
	// Base is the profile with the credentials: Profile itself, or the
	// source_profile at the end of a chain of roles.
	Base string
	// SDKProfile and SDKBase are the SDK's names for Profile and Base: see
	// awsfile.Profile.
	SDKProfile, SDKBase string
	// Files are the AWS files, nil if they could not be read.
	Files *awsfile.Files
	// profile and base are Profile and Base in these files.
	profile, base *awsfile.Profile
	// Roles are assumed one from the other, the first one with the session of
	// Base. The last one is that of Profile.
	Roles []Role
	// Keys is the access key in the environment or the files. It is empty if only
	// the SDK's chain can get one (credential_process, SSO, aws login, web
	// identity, the metadata services).
	Keys Keys
	// Unset is true if neither the environment nor the files name a source of
	// credentials. A machine's metadata service may still have some.
	Unset bool
	// ID identifies Base in the name of its session: the access key id, or the
	// settings of the profile.
	ID string
	// Serial is the mfa_serial of Base. RoleSerial is that of the roles' profiles,
	// where the AWS CLI expects it. It names the device to ask for, and is not a
	// part of the session's identity.
	Serial, RoleSerial awsfile.Value
	// Region is the region of the environment or the profile, or "".
	Region awsfile.Value

	// CABundle is the file of certificates that the environment or the profile
	// names for AWS's endpoints, or "".
	CABundle awsfile.Value

	// Explicit is true if an option named the profile. For the SDK and the AWS
	// CLI, such a profile has precedence over AWS_ACCESS_KEY_ID, which has
	// precedence over AWS_PROFILE.
	Explicit bool

	// Stored is true if the keyring holds the access key of Base, whose id is ID:
	// keys import stored it there.
	Stored bool

	// Elsewhere is true if a program or a server, such as an identity provider,
	// gives the credentials.
	Elsewhere bool

	// Warning names environment variables that unexpectedly override others, or is
	// "".
	Warning string
}

// Read reads the environment and the two AWS files. profile is the name from
// the command line, or "" for AWS_PROFILE or the default. If there are no
// credentials it reads again: keys import may have moved the key after the first
// file was read and before the second.
func Read(ctx context.Context, profile string) (Source, error) {
	source, err := read(ctx, profile)
	if source.Unset || errors.Is(err, ErrNoCredentials) { // mutation: stored key: a key that moves while the files are read
		return read(ctx, profile)
	}
	return source, err
}

func read(ctx context.Context, profile string) (Source, error) {
	env := readEnvironment()
	source := Source{Profile: profile, Explicit: profile != "", Region: environmentRegion()}
	if env.CABundle != "" {
		source.CABundle = awsfile.Value{Text: env.CABundle, Place: awsfile.Place{File: "AWS_CA_BUNDLE"}}
	}
	if source.Profile == "" {
		source.Profile = env.Profile
	}
	named := source.Profile != ""
	if !named {
		source.Profile = awsfile.DefaultProfile
	}
	source.Base, source.SDKProfile, source.SDKBase = source.Profile, source.Profile, source.Profile
	source.Warning = source.warning(env, named)
	var err error
	if source.Files, err = awsfile.Read(ctx, os.Getenv); err != nil {
		return source, fmt.Errorf("reading the AWS profile %q: %w", source.Profile, err)
	}
	shared, err := source.Files.Profile(source.Profile)
	if err := source.profileError(err, named); err != nil {
		return source, fmt.Errorf("reading the AWS profile %q: %w", source.Profile, err)
	}
	source.fill(env, shared)
	return source, source.checkKeys()
}

// environmentRegion returns the region in the environment.
func environmentRegion() awsfile.Value {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := os.Getenv(name); region != "" {
			return awsfile.Value{Text: region, Place: awsfile.Place{File: name}}
		}
	}
	return awsfile.Value{}
}

// profileError returns why a profile can't be read. A default profile that does
// not exist is not an error: the metadata services may have credentials.
func (s *Source) profileError(err error, named bool) error {
	var problem awsfile.Problem
	switch {
	case !errors.As(err, &problem):
		return err
	case problem.Cause == awsfile.NoProfile && problem.Profile == s.Profile && !named:
		return nil
	case problem.Cause == awsfile.SourceWithoutCredentials:
		s.Base = problem.Profile
		return noCredentials{err}
	}
	return err
}

// noCredentials adds ErrNoCredentials to an error whose text already says so.
type noCredentials struct{ error }

func (e noCredentials) Unwrap() []error { return []error{e.error, ErrNoCredentials} }

// fill sets the fields from the profile. shared is nil if no file has the
// default profile.
func (s *Source) fill(env environment, shared *awsfile.Profile) {
	if shared == nil {
		shared = &awsfile.Profile{Name: s.Profile, SDKName: s.Profile}
	}
	base := shared
	if !s.fromEnvironment(env) {
		base = s.chain(shared)
	}
	s.profile, s.base = shared, base
	s.Serial = base.Value("mfa_serial")
	if s.CABundle.Text == "" {
		s.CABundle = shared.Value("ca_bundle")
	}
	for _, region := range []awsfile.Value{shared.Value("region"), base.Value("region"), {Text: s.roleRegion()}} {
		if s.Region.Text == "" {
			s.Region = region
		}
	}
	switch {
	case s.fromEnvironment(env):
		s.Keys = env.Keys
	case base.HasKeys():
		s.Keys = Keys{AccessKeyID: base.Get("aws_access_key_id"), SecretAccessKey: base.Get("aws_secret_access_key"),
			SessionToken: base.Get("aws_session_token"), From: base.Value("aws_access_key_id").String()}
	}
	s.Base, s.SDKBase, s.SDKProfile = base.Name, base.SDKName, shared.SDKName
	s.ID, s.Unset = s.Keys.AccessKeyID, !s.Keys.HasKeys() && unset(env, base)
	if s.ID == "" && !s.fromEnvironment(env) {
		s.ID = StoredKey(base)
		s.Stored = s.ID != ""
	}
	if s.Stored {
		s.Unset = false
	}
	if s.ID == "" {
		s.ID, s.Elsewhere = settings(s.Base, env, base), !unset(env, base)
	}
}

// chain follows source_profile to the profile with the credentials, which it
// returns, and sets Roles to the roles on the way. It leaves to the SDK roles
// without a source_profile, which are assumed with the credentials of a machine
// (credential_source) or of an identity provider (web identity).
func (s *Source) chain(shared *awsfile.Profile) (base *awsfile.Profile) {
	base = shared
	var roles []Role
	for {
		if base.Get("role_arn") == "" || base.Source == nil && !base.HasKeys() {
			break
		}
		roles = append(roles, newRole(base))
		if serial := base.Value("mfa_serial"); serial.Text != "" {
			s.RoleSerial = serial // the role nearest to the user has precedence
		}
		if base.Source == nil {
			break
		}
		base = base.Source
	}
	slices.Reverse(roles)
	if !base.HasKeys() && slices.ContainsFunc(roles, func(r Role) bool { return r.Profile == base.Name }) {
		// A profile that is its own source, without an access key: the SDK's loader
		// can't be asked for the source alone.
		s.RoleSerial = awsfile.Value{}
		return shared
	}
	s.Roles = roles
	return base
}

// Own returns the value of one of this program's own keys (mfa_process,
// mfa_session_duration) in the profile in force, or else in its source, whose
// session and device a role uses.
func (s *Source) Own(key string) awsfile.Value {
	if s.profile == nil {
		return awsfile.Value{}
	}
	if v := s.profile.Value(key); v.Text != "" {
		return v
	}
	return s.base.Value(key)
}

// Value returns the value of any key of the profile in force.
func (s *Source) Value(key string) awsfile.Value {
	if s.profile == nil {
		return awsfile.Value{}
	}
	return s.profile.Value(key)
}

// Endpoint returns the address that settings name for a service, "sts" or "iam",
// instead of AWS's own. It is empty if there is none.
func (s *Source) Endpoint(service string) awsfile.Value {
	if s.Files == nil {
		return awsfile.Value{}
	}
	return s.Files.Endpoint(os.Getenv, s.profile, service)
}

// ErrBadRegion is for a setting that is not a region: an availability zone, say,
// or None, which a program wrote for an empty value.
var ErrBadRegion = errors.New("not a region")

// CheckRegion returns ErrBadRegion, with the setting, if the region can't be one.
func (s *Source) CheckRegion() error {
	if s.Region.Text == "" || codecommit.IsRegion(s.Region.Text) {
		return nil
	}
	return fmt.Errorf("reading the region %q of %s: %w", s.Region.Text, s.Region, ErrBadRegion)
}

// ErrPlainHTTP is for an endpoint that settings reach over plain http: others on
// the network could read the code and forge the answer.
var ErrPlainHTTP = errors.New("plain http is allowed on this computer only")

// endpointServices are the services that this program and the SDK may send
// secrets to, by their names in settings.
var endpointServices = []string{"sts", "iam", "sso", "sso_oidc", "signin", "codecommit", "kms"}

// CheckEndpoints returns ErrPlainHTTP, with the setting, for an endpoint over http
// that is not on the loopback interface, where people run stand-ins for AWS.
func (s *Source) CheckEndpoints() error {
	if s.Files == nil {
		return nil
	}
	for _, service := range endpointServices {
		for _, profile := range []*awsfile.Profile{s.profile, s.base} {
			endpoint := s.Files.Endpoint(os.Getenv, profile, service)
			u, err := url.Parse(endpoint.Text)
			if err == nil && strings.EqualFold(u.Scheme, "http") && !loopback(u.Hostname()) { // mutation: no code over plain http
				return fmt.Errorf("using the endpoint http://%s of %s: %w", u.Host, endpoint.Place, ErrPlainHTTP)
			}
		}
	}
	return nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// RegionHint returns what fixes ErrBadRegion. A zone is a region with one more
// letter.
func (s *Source) RegionHint() string {
	region := cmp.Or(strings.TrimRight(s.Region.Text, "abcdef"), s.Region.Text)
	if !codecommit.IsRegion(region) {
		region = "us-east-1"
	}
	if s.Region.Line == 0 {
		return shell.Here.Set(s.Region.File, region) + ", or " + shell.Here.Unset(s.Region.File)
	}
	return fmt.Sprintf("aws configure set region %s --profile %s", region, shell.Here.Quote(s.Profile))
}

// MFALogin reports whether the credentials look like those that "aws configure
// mfa-login" writes: temporary keys in the file, without an expiration, in a
// profile ACCOUNT-DEVICE.
func (s *Source) MFALogin() bool {
	account, _, ok := strings.Cut(s.Base, "-")
	return ok && len(account) == 12 && strings.Trim(account, "0123456789") == "" &&
		strings.HasPrefix(s.Keys.AccessKeyID, "ASIA") && s.base != nil && s.base.HasKeys() && s.base.Get("sso_session") == "" && s.base.Get("role_arn") == ""
}

// LongTermProfiles returns the profiles with a long-term access key in the files.
func (s *Source) LongTermProfiles() []string {
	if s.Files == nil {
		return nil
	}
	return slices.DeleteFunc(s.Files.Names(), func(name string) bool {
		return !strings.HasPrefix(s.Files.Value(name, "aws_access_key_id").Text, "AKIA")
	})
}

// NoCredentials returns ErrNoCredentials, with the problems of the files that may
// be the reason.
func (s *Source) NoCredentials() error {
	err := ErrNoCredentials
	if s.Files == nil {
		return err
	}
	for _, problem := range s.Files.About(s.Base) {
		err = fmt.Errorf("%w: %w", err, problem)
	}
	return err
}

// Values returns the values of the profile in force.
func (s *Source) Values() map[string]awsfile.Value {
	if s.profile == nil {
		return nil
	}
	return s.profile.Values()
}

// Problems returns the problems of the AWS files that may affect the profile in
// force or its source.
func (s *Source) Problems() []awsfile.Problem {
	if s.Files == nil {
		return nil
	}
	return slices.DeleteFunc(s.Files.Problems(), func(p awsfile.Problem) bool {
		return p.Cause == awsfile.QuotedName || p.Profile != "" && p.Profile != s.Profile && p.Profile != s.Base
	})
}

// AskAWS returns what makes calls go to AWS again, not to the address that a
// setting names.
func AskAWS(at awsfile.Value) string {
	if at.Line == 0 {
		return "to call AWS itself: " + shell.Here.Unset(at.File)
	}
	return "to call AWS itself, remove the line: " + at.String()
}

// RenewHint returns how temporary credentials are renewed.
func (s *Source) RenewHint() string {
	profile := shell.Here.Quote(s.Base)
	if !s.MFALogin() {
		return "renew them: aws login, aws sso login --profile " + profile + ", or paste new ones"
	}
	own := "THE-ONE-WITH-THE-ACCESS-KEY"
	if names := s.LongTermProfiles(); len(names) == 1 {
		own = shell.Here.Quote(names[0])
	}
	return fmt.Sprintf("git-credential-mfa configure --profile %s: the credentials look like those of \"aws configure mfa-login\"; with the access key itself, nothing has to be renewed by hand", own)
}

// roleRegion returns the default region of the role's partition, or "" for the
// partition aws.
func (s *Source) roleRegion() string {
	if len(s.Roles) == 0 {
		return ""
	}
	partition := s.Roles[len(s.Roles)-1].Partition()
	for _, region := range []string{"cn-north-1", "us-gov-west-1", "eusc-de-east-1"} {
		if codecommit.Partition(region) == partition {
			return region
		}
	}
	return ""
}

// Temporary reports whether the keys are known to be temporary. They are used as
// they are, since STS refuses GetSessionToken for them.
func (s *Source) Temporary() bool { return len(s.Roles) == 0 && s.Keys.SessionToken != "" }

var (
	// ErrStrayToken is for a long-term access key with a session token. The token
	// belongs to another key, usually of an earlier session, and CodeCommit would
	// answer 403 without a reason.
	ErrStrayToken = errors.New("there is a session token, but the access key is a long-term one")
	// ErrNoToken is for a temporary key without its session token.
	ErrNoToken = errors.New("the access key is temporary, and its session token is missing")
)

// fromEnvironment reports whether the environment has precedence over the
// profile, by the rules of the SDK (config.resolveCredentialChain).
func (s *Source) fromEnvironment(env environment) bool {
	return !s.Explicit && (env.Keys.HasKeys() || env.WebIdentityTokenFilePath != "")
}

// FromEnvironment reports whether the access key comes from the environment.
func (s *Source) FromEnvironment() bool { return s.Keys.From == environmentKeys }

// warning returns the Warning about variables that override others, or are
// ignored.
func (s *Source) warning(env environment, named bool) string {
	id, secret, token := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")
	wins := "AWS_ACCESS_KEY_ID"
	if !env.Keys.HasKeys() {
		wins = "AWS_WEB_IDENTITY_TOKEN_FILE"
	}
	switch {
	case s.fromEnvironment(env) && named:
		return fmt.Sprintf("%s in the environment wins over the profile %q of AWS_PROFILE: unset it, or use --profile", wins, s.Profile)
	case s.Explicit || env.Keys.HasKeys():
		return ""
	case id != "" && secret == "":
		return "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY, and is ignored"
	case secret != "" && id == "":
		return "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID, and is ignored"
	case token != "":
		return "AWS_SESSION_TOKEN is set without AWS_ACCESS_KEY_ID, and is ignored"
	}
	return ""
}

// checkKeys returns an error for a key and a token that can't belong together. A
// key's prefix is its kind (IAM User Guide, reference_identifiers).
func (s *Source) checkKeys() error {
	var err error
	switch token := s.Keys.SessionToken != ""; {
	case token && strings.HasPrefix(s.Keys.AccessKeyID, "AKIA"):
		err = ErrStrayToken
	case !token && strings.HasPrefix(s.Keys.AccessKeyID, "ASIA"):
		err = ErrNoToken
	default:
		return nil
	}
	where := fmt.Sprintf("profile %q", s.Base)
	if s.FromEnvironment() {
		where = "the environment"
	}
	return fmt.Errorf("reading the AWS credentials of %s: %w", where, err)
}

// settings identifies credentials that only a program or a server can give. If
// the settings change, so does the session's identity.
func settings(profile string, env environment, base *awsfile.Profile) string {
	id := []string{"profile", profile, base.Get("credential_process")}
	if more := sources(env, base); strings.Join(more, "") != "" {
		id = append(id, more...)
	}
	return strings.Join(id, "\x00")
}

// sources returns the settings, other than keys and credential_process, that name
// a source of credentials.
func sources(env environment, base *awsfile.Profile) []string {
	var values []string
	for _, key := range []string{"sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "login_session",
		"role_arn", "credential_source", "web_identity_token_file"} {
		values = append(values, base.Get(key))
	}
	return append(values, env.WebIdentityTokenFilePath, env.RoleARN)
}

func unset(env environment, base *awsfile.Profile) bool {
	return strings.Join(sources(env, base), "")+base.Get("credential_process")+
		env.ContainerCredentialsEndpoint+env.ContainerCredentialsRelativePath == ""
}
