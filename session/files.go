package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsclient"
)

// fileLimit is how long AWS's two files are waited for.
var fileLimit = 10 * time.Second

// ReadSource reads the environment and the profile. profile is the name from
// the command line, or "" for AWS_PROFILE or the default.
func ReadSource(ctx context.Context, profile string) (Source, error) {
	source, err := awsclient.InTime(ctx, fileLimit, func() (Source, error) { return readSource(ctx, profile) })
	if source.Profile == "" {
		source.Profile = profile
	}
	if errors.Is(err, awsclient.ErrFileWaits) {
		err = fmt.Errorf("reading the AWS profile: %w", err)
	}
	return source, err
}
