// Package answer makes what git is answered of what it asks and of a session.
package answer

import (
	"errors"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// passwordLasts is what git is told: a minute less than CodeCommit's patience,
// for git's own way to the server.
const passwordLasts = codecommit.Validity - time.Minute

var (
	// ErrProtocol is for every protocol but https.
	ErrProtocol = errors.New("the protocol is not https")
	// ErrForeignUser is for a username that none of our answers has: the person
	// chose other credentials.
	ErrForeignUser = errors.New("the request names a user who is not ours")
)

// Host returns the host of a request. The error says why the request gets no
// answer: codecommit.ErrForeignHost, ErrProtocol or ErrForeignUser. With the
// latter two, the host is known.
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
// local clock. It is of no use if its expiry is not after that time.
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
