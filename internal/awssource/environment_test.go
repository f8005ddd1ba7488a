package awssource

import (
	"math/rand/v2"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
)

// TestEnvironmentAsTheSDK compares the environment as it is read here with the
// SDK's, for random settings of its variables.
func TestEnvironmentAsTheSDK(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN",
			"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
			"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
			t.Setenv(name, []string{"", "", name, " x"}[random.IntN(4)])
		}
		sdk, err := config.NewEnvConfig()
		if err != nil {
			t.Fatal(err)
		}
		want := environment{Profile: sdk.SharedConfigProfile, CABundle: sdk.CustomCABundle,
			WebIdentityTokenFilePath: sdk.WebIdentityTokenFilePath, RoleARN: sdk.RoleARN,
			ContainerCredentialsEndpoint: sdk.ContainerCredentialsEndpoint, ContainerCredentialsRelativePath: sdk.ContainerCredentialsRelativePath}
		if c := sdk.Credentials; c.HasKeys() {
			want.Keys = Keys{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken, From: c.Source}
		}
		if got := readEnvironment(); got != want {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
	}
}
