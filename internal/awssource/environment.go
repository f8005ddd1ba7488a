package awssource

import (
	"cmp"
	"os"
)

// Keys are an access key, with the session token if it is a temporary one, and
// where they stand.
type Keys struct{ AccessKeyID, SecretAccessKey, SessionToken, From string }

// HasKeys reports whether both halves of the access key are there.
func (k Keys) HasKeys() bool { return k.AccessKeyID != "" && k.SecretAccessKey != "" }

// environmentKeys is From of the keys of the environment, in the SDK's word.
const environmentKeys = "EnvConfigCredentials"

// environment is what the environment says about credentials, by the SDK's
// rules (NewEnvConfig in config/env_config.go).
type environment struct {
	Keys                              Keys
	Profile, CABundle                 string
	WebIdentityTokenFilePath, RoleARN string
	ContainerCredentialsEndpoint      string
	ContainerCredentialsRelativePath  string
}

// Variables are those of AWS's that Read heeds, or that say nothing about
// credentials and can't be wrong.
var Variables = []string{
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
	"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN",
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
	"AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_CLI_AUTO_PROMPT", "AWS_SDK_LOAD_CONFIG", "AWS_EC2_METADATA_DISABLED",
}

func readEnvironment() environment {
	env := environment{
		Profile: cmp.Or(os.Getenv("AWS_PROFILE"), os.Getenv("AWS_DEFAULT_PROFILE")), CABundle: os.Getenv("AWS_CA_BUNDLE"),
		WebIdentityTokenFilePath: os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), RoleARN: os.Getenv("AWS_ROLE_ARN"),
		ContainerCredentialsEndpoint:     os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
		ContainerCredentialsRelativePath: os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
	}
	keys := Keys{
		AccessKeyID:     cmp.Or(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_ACCESS_KEY")),
		SecretAccessKey: cmp.Or(os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SECRET_KEY")),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"), From: environmentKeys,
	}
	if keys.HasKeys() {
		env.Keys = keys
	}
	return env
}
