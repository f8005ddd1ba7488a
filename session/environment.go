package session

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
)

var (
	// ErrStrayToken is for an access key of a user beside a session token. The
	// token is another key's, of an earlier session mostly, and CodeCommit
	// would answer 403 without a reason.
	ErrStrayToken = errors.New("a session token stands beside an access key that has none")
	// ErrNoToken is for a temporary key without its session token.
	ErrNoToken = errors.New("the access key is temporary, and its session token is missing")
)

// fromEnvironment reports whether the environment wins over the profile, by
// the rules of the SDK (config.resolveCredentialChain).
func (s *Source) fromEnvironment(env config.EnvConfig) bool {
	return !s.Explicit && (env.Credentials.HasKeys() || env.WebIdentityTokenFilePath != "")
}

// FromEnvironment reports whether the access key is that of the environment.
func (s *Source) FromEnvironment() bool { return s.Keys.Source == config.CredentialsSourceName }

// warning names the variables that win over others, or are of no use, where a
// person would not expect it.
func (s *Source) warning(env config.EnvConfig, named bool) string {
	id, secret, token := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")
	wins := "AWS_ACCESS_KEY_ID"
	if !env.Credentials.HasKeys() {
		wins = "AWS_WEB_IDENTITY_TOKEN_FILE"
	}
	switch {
	case s.fromEnvironment(env) && named:
		return fmt.Sprintf("%s in the environment wins over the profile %q of AWS_PROFILE: unset it, or use --profile", wins, s.Profile)
	case s.Explicit || env.Credentials.HasKeys():
		return ""
	case id != "" && secret == "":
		return "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY, and not used"
	case secret != "" && id == "":
		return "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID, and not used"
	case token != "":
		return "AWS_SESSION_TOKEN is set without AWS_ACCESS_KEY_ID, and not used"
	}
	return ""
}

// checkKeys looks for a key and a token that can't belong together. The first
// letters of a key tell its kind (IAM User Guide, reference_identifiers).
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

// settings stand for credentials of which nothing is known before something is
// run or asked. A change of them makes other sessions.
func settings(profile string, env config.EnvConfig, base *awsfile.Profile) string {
	id := []string{"profile", profile, base.Get("credential_process")}
	if more := sources(env, base); strings.Join(more, "") != "" {
		id = append(id, more...)
	}
	return strings.Join(id, "\x00")
}

// sources are the settings, other than keys and credential_process, that say
// where credentials come from.
func sources(env config.EnvConfig, base *awsfile.Profile) []string {
	var values []string
	for _, key := range []string{"sso_session", "sso_start_url", "sso_account_id", "sso_role_name", "login_session",
		"role_arn", "credential_source", "web_identity_token_file"} {
		values = append(values, base.Get(key))
	}
	return append(values, env.WebIdentityTokenFilePath, env.RoleARN)
}

func unset(env config.EnvConfig, base *awsfile.Profile) bool {
	return strings.Join(sources(env, base), "")+base.Get("credential_process")+
		env.ContainerCredentialsEndpoint+env.ContainerCredentialsRelativePath == ""
}
