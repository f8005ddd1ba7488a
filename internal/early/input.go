package early

import (
	"errors"
	"os"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/credential"
)

// requestLimit is how long a caller has to write a request, which takes git a
// millisecond. A person who types one at a terminal has no limit.
const requestLimit = 2 * time.Minute

// ErrNoEnd says that a caller neither ended its request with an empty line nor
// closed the pipe.
var ErrNoEnd = errors.New("no empty line and no end of input within 2 minutes")

// asked is what ReadRequest returns, once stdin was read.
var asked struct {
	read    bool
	request credential.Request
	err     error
}

// ReadRequest reads git's request from stdin, and returns the same for each
// further call. The errors are those of credential.ReadRequest, and ErrNoEnd.
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

// isTerminal reports whether a file is a terminal. It takes other character
// devices for one too, none of which is waited for.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
