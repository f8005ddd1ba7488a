package early

import (
	"errors"
	"os"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// requestLimit is how long a caller may take to write a request. It takes git a
// millisecond. A person who types at a terminal has no limit.
const requestLimit = 2 * time.Minute

// ErrNoEnd is for a caller that did not end its request, with an empty line or by
// closing the pipe.
var ErrNoEnd = errors.New("no empty line and no end of input within 2 minutes")

// asked is the result of ReadRequest, after stdin was read.
var asked struct {
	read    bool
	request credential.Request
	err     error
}

// ReadRequest reads git's request from stdin. Further calls return the same
// result. The errors are those of credential.ReadRequest, and ErrNoEnd.
func ReadRequest() (credential.Request, error) {
	if !asked.read {
		asked.read = true
		asked.request, asked.err = credential.ReadRequest(&input{os.Stdin, time.Now().Add(requestLimit)})
	}
	return asked.request, asked.err
}

// input is a file that is read until a point in time.
type input struct {
	file *os.File
	end  time.Time
}

// isTerminal reports whether a file is a terminal or another character device,
// which a read never waits for.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
