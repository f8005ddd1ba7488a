package session

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
)

// ErrKeyNotStored is for a profile whose access key should be in the keyring but
// is not: it may be in another keyring, or on another computer.
var ErrKeyNotStored = errors.New("the keyring does not hold the access key that the profile names")

// ErrKeyDenied is for an access key that another build of this program stored in
// the keyring (macOS).
var ErrKeyDenied = errors.New("only another build of this program may read the access key")

// storedKeys reads the long-term access key from the keyring.
func (p *Provider) storedKeys() (aws.Credentials, error) {
	read := p.Store.LongTermKey
	if p.LongTermKey != nil {
		read = p.LongTermKey
	}
	key, err := read(p.Source.ID)
	switch {
	case errors.Is(err, cache.ErrNotFound):
		err = ErrKeyNotStored
	case errors.Is(err, cache.ErrDenied): // hidden, since its hint is about sessions
		err = fmt.Errorf("%w: %v", ErrKeyDenied, err)
	}
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("reading the AWS credentials of profile %q: %w", p.Source.Base, err)
	}
	return aws.Credentials{AccessKeyID: key.AccessKeyID, SecretAccessKey: key.SecretAccessKey, Source: "git-credential-mfa"}, nil
}
