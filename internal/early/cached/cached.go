// Package cached answers git from the keyring before most of the program has
// started, if package early did not end the process. It answers only the usual
// get. The program proper answers all others, and reads the settings, the profile
// and the keyring by the same code, so that both give the same answers.
//
// Like early it works in its init. It imports neither the SDK, nor net/http, nor
// the command line library.
package cached

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
	"github.com/git-credential-mfa/git-credential-mfa/internal/answer"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/early"
)

// limit is the time limit for the keyring, which usually answers within a few
// milliseconds. After that, the program proper tries again and reports errors.
const limit = 300 * time.Millisecond

func init() {
	if early.Request == nil || unusual(os.Environ()) || early.WasClosed(os.Stdout) { // mutation: cached: a closed stdout
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if response, err := find(ctx, *early.Request, early.Profile()); err == nil && response.Write(os.Stdout) == nil {
		os.Exit(0)
	}
}

// heeded are the program's own variables that this package supports. If another
// one is set, the program proper answers.
var heeded = []string{"GIT_CREDENTIAL_MFA_SERIAL", "GIT_CREDENTIAL_MFA_KEYRING", "GIT_CREDENTIAL_MFA_PASSPHRASE"}

// unusual reports whether the environment has variables that are not supported
// here.
func unusual(environ []string) bool {
	return slices.ContainsFunc(environ, func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		name = strings.ToUpper(name) // Windows has no case
		switch {
		case value == "":
			return false
		case strings.HasPrefix(name, "AWS_"):
			return !slices.Contains(awssource.Variables, name) // mutation: cached: unknown variables
		}
		return strings.HasPrefix(name, "GIT_CREDENTIAL_MFA_") && !slices.Contains(heeded, name)
	})
}

// errElsewhere is for a request that the program proper answers.
var errElsewhere = errors.New("not answered here")

// find returns the answer to a request, if the keyring has a session that is still
// valid for the profile.
func find(ctx context.Context, request credential.Request, profile string) (credential.Response, error) {
	host, err := answer.Host(request)
	if err != nil {
		return credential.Response{}, err
	}
	repository, err := codecommit.ParsePath(request.Path)
	if err != nil {
		return credential.Response{}, err
	}
	source, err := awssource.Read(ctx, profile)
	if err != nil {
		return credential.Response{}, err
	}
	if source.Temporary() || source.Own("mfa_session_duration").Text != "" { // mutation: cached: settings that may be wrong
		return credential.Response{}, errElsewhere
	}
	s, err := session(ctx, source.Identity(host.Region, cmp.Or(os.Getenv("GIT_CREDENTIAL_MFA_SERIAL"), source.Serial.Text)))
	if err != nil {
		return credential.Response{}, err
	}
	return answer.Sign(s, host, repository, time.Now()), nil
}

// session reads the session from the keyring. The program proper reads the file
// keyring, which takes longer than the program's start, and sessions with a clock
// offset, which may need the network.
func session(ctx context.Context, id cache.Identity) (cache.Session, error) {
	backend := os.Getenv("GIT_CREDENTIAL_MFA_KEYRING")
	if backend == "file" {
		return cache.Session{}, errElsewhere
	}
	store, err := cache.Open(ctx, cache.Options{Backend: backend})
	if err != nil {
		return cache.Session{}, err
	}
	s, err := store.Session(id)
	if err != nil || s.ClockOffset != 0 || !s.Lasts() { // mutation: cached: sessions that last
		return cache.Session{}, errors.Join(err, errElsewhere)
	}
	return s, nil
}
