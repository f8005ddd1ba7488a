// Package early ends the process before most of the program has started, if git
// gets no answer: for a bare "get" for a host that is not CodeCommit's, and for
// "store". Both are frequent: git asks every helper that is configured for all
// hosts, and runs store after each success.
//
// It works in its init. Of the packages whose imports are initialised, Go
// initialises the one with the first import path next (Go specification, "Program
// initialization"). So a package with few imports comes before net/http, the
// command line library and nearly all of the SDK, whose init functions take most
// of a start. A test keeps the imports few.
package early

import (
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// Request is the request of a bare get for a host of CodeCommit's, or nil.
var Request *credential.Request

// Profile returns the profile on the command line of a bare get, or "".
func Profile() string {
	if len(os.Args) < 4 {
		return ""
	}
	return os.Args[2]
}

func init() {
	forbidCores()
	if os.Getenv("GIT_CREDENTIAL_MFA_TRACE") != "" {
		return // the program proper traces why there is no answer
	}
	switch operation(os.Args) {
	case "store":
		os.Exit(0)
	case "get":
		request, err := ReadRequest()
		if err == nil && foreign(request) {
			os.Exit(0)
		}
		if err == nil {
			Request = &request
		}
	}
}

// operation returns the last argument of a command line that configure writes,
// with or without a profile, and "" for any other.
func operation(args []string) string {
	if len(args) == 2 || len(args) == 4 && args[1] == "--profile" {
		return args[len(args)-1]
	}
	return ""
}

// foreign reports whether a request is for another host.
func foreign(request credential.Request) bool {
	_, err := codecommit.ParseHost(request.Host)
	return err != nil
}
