// Package early ends the process before most of the program has started, for
// what gets no answer: a bare "get" for a host that is not CodeCommit's, and
// "store". git asks every helper that is configured for all hosts, and runs
// store after each success, so both are frequent and should cost next to
// nothing.
//
// It works in its init. Packages are initialised in the order of their import
// paths, always the first whose imports are initialised already (Go
// specification, "Program initialization"). So a package that imports little
// comes before net/http, the command line library and nearly all of the SDK,
// whose init functions are most of a start. Keep its imports that few: a test
// holds them.
package early

import (
	"os"

	"github.com/git-credential-mfa/git-credential-mfa/codecommit"
	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// Request is what a bare get was asked, if that is for a host of CodeCommit's,
// or nil.
var Request *credential.Request

// Profile returns the profile that the command line of a bare get names, or "".
func Profile() string {
	if len(os.Args) < 4 {
		return ""
	}
	return os.Args[2]
}

func init() {
	forbidCores()
	if os.Getenv("GIT_CREDENTIAL_MFA_TRACE") != "" {
		return // the trace tells why there is no answer
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

// operation returns the last argument of a command line as configure writes
// it, with a profile or without, and "" for every other.
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
