// Package awsclient is how this program reaches AWS: the SDK's configuration for a
// profile, the way to a host (proxy and certificates), and AWS's clock. The calls
// themselves are in package session.
package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// ErrRoleSource is for a role with MFA that only the SDK could assume, which does
// not ask for codes.
var ErrRoleSource = errors.New("a profile with role_arn and mfa_serial needs a source_profile")

// ErrSettings is for settings in the AWS files or the environment that the SDK
// rejects. The error that wraps it has the SDK's text.
var ErrSettings = errors.New("the AWS SDK rejects the profile's settings")

type settingsError struct{ error }

func (e settingsError) Unwrap() []error { return []error{e.error, ErrSettings} }

// ErrCABundle is for certificates that can't be read. They are the only file that
// is first opened here: the profile was read before.
var ErrCABundle = errors.New("the certificates can't be read")

// ErrDomain is for a region for which the SDK's STS endpoint is in another domain
// than the CodeCommit host.
var ErrDomain = errors.New("the AWS SDK has it in another partition than its CodeCommit host")

// Settings select the credentials and the way for calls to AWS.
type Settings struct {
	// Profile is the AWS profile in force. Explicit is true if an option named it:
	// it then has precedence over AWS_ACCESS_KEY_ID.
	Profile  string
	Explicit bool
	// RoleSource is the profile with the credentials if Profile has a role, which
	// package session assumes; otherwise it is "".
	RoleSource string
	// Region is the region of the endpoints. FIPS selects those with validated
	// cryptography.
	Region string
	FIPS   bool
	Way    Way
	// Trace gets the SDK's log.
	Trace func(format string, args ...any)
}

// Load returns the SDK's configuration. It reads files, and may run git for its
// settings; it makes no call to AWS. The errors are ErrSettings, ErrDomain,
// ErrRoleSource, ErrCABundle, and ErrProxySetting.
func (s Settings) Load(ctx context.Context) (aws.Config, error) {
	if err := s.checkDomain(ctx); err != nil {
		return aws.Config{}, err
	}
	client, err := s.Way.client(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	options := []func(*config.LoadOptions) error{config.WithRegion(s.Region), config.WithHTTPClient(client),
		config.WithLogger(logging.LoggerFunc(func(_ logging.Classification, format string, args ...any) { s.Trace("SDK: "+format, args...) }))}
	if s.RoleSource != "" {
		options = append(options, config.WithCredentialsProvider(s.sourceCredentials(options)))
	}
	if s.Explicit {
		options = append(options, config.WithSharedConfigProfile(s.Profile))
	}
	cfg, err := load(ctx, s.Profile, options)
	var source config.SharedConfigAssumeRoleError
	if s.RoleSource != "" && errors.As(err, &source) && source.Err == nil {
		// For the SDK's reader, a source_profile with login_session has no
		// credentials. It can read that profile alone.
		cfg, err = load(ctx, s.RoleSource, append(options, config.WithSharedConfigProfile(s.RoleSource)))
	}
	if errors.Is(err, ErrCABundle) {
		err = fmt.Errorf("reading %s of %s%s: %w", s.Way.CABundle.Text, s.Way.CABundle, s.Way.CABundle.Literally(), err)
	}
	return cfg, err
}

// checkDomain returns ErrDomain for a region that the SDK has in another partition
// than git's host: the code would go to another domain.
func (s Settings) checkDomain(ctx context.Context) error {
	endpoint, err := sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{
		Region: aws.String(s.Region), UseFIPS: aws.Bool(s.FIPS), UseDualStack: aws.Bool(false), UseGlobalEndpoint: aws.Bool(false)})
	if err != nil {
		return fmt.Errorf("region %q: %w", s.Region, err)
	}
	if host := endpoint.URI.Hostname(); !strings.HasSuffix(host, "."+codecommit.DNSSuffix(s.Region)) { // mutation: no call to another domain
		return fmt.Errorf("region %q, host %s: %w", s.Region, host, ErrDomain)
	}
	return nil
}

// sourceCredentials returns the SDK's provider of the credentials that package
// session assumes a role with.
func (s Settings) sourceCredentials(options []func(*config.LoadOptions) error) aws.CredentialsProviderFunc {
	options = append(options[:len(options):len(options)], config.WithSharedConfigProfile(s.RoleSource))
	return func(ctx context.Context) (aws.Credentials, error) {
		cfg, err := load(ctx, s.RoleSource, options)
		if err != nil || cfg.Credentials == nil {
			return aws.Credentials{}, err
		}
		return cfg.Credentials.Retrieve(ctx)
	}
}

func load(ctx context.Context, profile string, options []func(*config.LoadOptions) error) (aws.Config, error) {
	cfg, err := regularfile.Within(ctx, func() (aws.Config, error) { return config.LoadDefaultConfig(ctx, options...) })
	var noCode config.AssumeRoleTokenProviderNotSetError
	if errors.As(err, &noCode) {
		err = ErrRoleSource
	}
	var file *fs.PathError
	if errors.As(err, &file) || errors.Is(err, regularfile.ErrTimeout) || err != nil && strings.Contains(err.Error(), "CA bundle") {
		err = fmt.Errorf("%w: %v", ErrCABundle, err) // with %v, so that only ErrCABundle gets a hint
	}
	if err != nil {
		return cfg, settingsError{fmt.Errorf("profile %q: %w", profile, err)}
	}
	cfg.HTTPClient = sender{cfg.HTTPClient}
	return cfg, nil
}
