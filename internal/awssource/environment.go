package awssource

import (
	"cmp"
	"os"
)

// Keys is an access key, with the session token of a temporary one. From is its
// place.
type Keys struct{ AccessKeyID, SecretAccessKey, SessionToken, From string }

// HasKeys reports whether the access key has both its id and its secret.
func (k Keys) HasKeys() bool { return k.AccessKeyID != "" && k.SecretAccessKey != "" }

// environmentKeys is the From of keys in the environment, as the SDK has it.
const environmentKeys = "EnvConfigCredentials"

// environment holds the credential settings of the environment, by the SDK's
// rules (NewEnvConfig in config/env_config.go).
type environment struct {
	Keys                              Keys
	Profile, CABundle                 string
	WebIdentityTokenFilePath, RoleARN string
	ContainerCredentialsEndpoint      string
	ContainerCredentialsRelativePath  string
}

// Variables are the AWS variables that Read uses, or that do not affect
// credentials and can't be invalid.
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
