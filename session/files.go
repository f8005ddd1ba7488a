package session

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/git-credential-mfa/git-credential-mfa/internal/regularfile"
)

// ReadSource reads the environment and the profile. profile is the name from
// the command line, or "" for AWS_PROFILE or the default.
func ReadSource(ctx context.Context, profile string) (Source, error) {
	source, err := regularfile.Within(ctx, func() (Source, error) { return readRegularSource(ctx, profile) })
	if source.Profile == "" {
		source.Profile = profile
	}
	return source, err
}

// readRegularSource keeps the SDK, which opens whatever there is, from waiting
// for a pipe that nobody writes to, and from emptying one.
func readRegularSource(ctx context.Context, profile string) (Source, error) {
	for _, file := range sharedFiles() {
		if err := regularfile.Check(ctx, file); errors.Is(err, regularfile.ErrNotRegular) { // mutation: fault: a pipe for an AWS file
			return Source{}, fmt.Errorf("reading the AWS profile: %w", err)
		}
	}
	return readSource(ctx, profile)
}

// sharedFiles are the names of the files that the SDK reads.
func sharedFiles() []string {
	files := append(append([]string(nil), config.DefaultSharedConfigFiles...), config.DefaultSharedCredentialsFiles...)
	for i, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		if file := os.Getenv(variable); file != "" && i < len(files) {
			files[i] = file
		}
	}
	return files
}
