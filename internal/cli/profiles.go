package cli

import (
	"context"

	"github.com/git-credential-mfa/git-credential-mfa/internal/awsfile"
)

// profileNames returns the names of the profiles in AWS's two files, sorted.
// Where these can't be read there are none.
func profileNames(getenv func(string) string) []string {
	files, err := awsfile.Read(context.Background(), getenv)
	if err != nil {
		return nil
	}
	return files.Names()
}
