// Package answer makes the answer to git from its request and a session.
package answer

import (
	"errors"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// passwordLasts is how long git may use a password: a minute less than CodeCommit
// accepts it, for the time until git has sent it.
const passwordLasts = codecommit.Validity - time.Minute

var (
	// ErrProtocol is for every protocol but https.
	ErrProtocol = errors.New("the protocol is not https")
	// ErrForeignUser is for a username that is not one of this program's, because
	// the person chose other credentials.
	ErrForeignUser = errors.New("the request names a user who is not ours")
)

// Host returns the host of a request. If the request gets no answer, the error is
// codecommit.ErrForeignHost, ErrProtocol or ErrForeignUser; the last two come with
// the host.
func Host(request credential.Request) (codecommit.Host, error) {
	host, err := codecommit.ParseHost(request.Host)
	if err != nil {
		return host, err
	}
	if request.Protocol != "https" {
		return host, ErrProtocol
	}
	if _, ours := codecommit.AccessKeyID(request.Username); request.Username != "" && !ours {
		return host, ErrForeignUser
	}
	return host, nil
}

// Sign returns the answer for a repository of a host, signed at a time of the
// local clock. If its expiry is not after that time, the session has expired.
func Sign(s cache.Session, host codecommit.Host, repository string, now time.Time) credential.Response {
	keys := codecommit.Keys{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken}
	username, password := codecommit.Sign(keys, host, repository, now.Add(s.ClockOffset))
	// git compares the expiry with its own clock, which is the local one.
	expiry := now.Add(passwordLasts)
	if end := s.Expiration.Add(-s.ClockOffset); !s.Expiration.IsZero() && end.Before(expiry) {
		expiry = end
	}
	return credential.Response{Username: username, Password: password, Expiry: expiry}
}
