// Package cached answers git from the keyring before most of the program has
// started: see package early, which did not end the process. It answers the
// usual get and leaves everything else to the program proper, which reads the
// same settings, the same profile and the same keyring by the same code. So
// it can be absent, but it can't answer otherwise.
//
// Like early it works in its init, and imports nothing of the SDK, no HTTP and
// no command line library.
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

// limit is what the keyring is given here: an answer takes a few milliseconds,
// and a keyring that does not answer is the program's to tell of.
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

// heeded are the variables of the program that count here; with another one
// that is set, the program proper answers.
var heeded = []string{"GIT_CREDENTIAL_MFA_SERIAL", "GIT_CREDENTIAL_MFA_KEYRING", "GIT_CREDENTIAL_MFA_PASSPHRASE"}

// unusual reports whether the environment sets what is not read here.
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

// errElsewhere is for what the program proper answers.
var errElsewhere = errors.New("not answered here")

// find returns the answer to a request by the session in the keyring, if there
// is one that lasts, of a profile that is read without an error.
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

// session reads the keyring. The file keyring is left alone: it takes longer to
// open than the rest of the program to start. A session with a clock offset may
// need the network.
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
