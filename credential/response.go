package credential

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Response is the answer of a helper: a whole credential, or Quit.
type Response struct {
	Username string
	Password string
	// Expiry is when git, from 2.40 on, drops the password and asks again
	// (password_expiry_utc). By the clock that git compares it with: the
	// local one.
	Expiry time.Time
	// Quit tells git to stop: neither the next helper nor the person is asked
	// (git 2.3 and later). git ignores a helper's exit status, so without it
	// a failure falls through to "Username for ...".
	Quit bool
}

// Write writes the answer in one call, so that git never reads half of one.
// It refuses, and writes nothing, when a value holds a byte that would change
// the meaning of a line (git-lfs does the same in creds.go). Lines end with a
// line feed on every platform: git before 2.29 kept a carriage return as part
// of the password.
func (r Response) Write(w io.Writer) error {
	if r.Quit {
		return writeOnce(w, "quit=1\n")
	}
	if r.Username == "" || r.Password == "" {
		// A username alone makes git ask for the password, and show the
		// username, which carries the session token, in the question.
		return fmt.Errorf("writing the credential: username or password is empty")
	}
	if strings.ContainsAny(r.Username+r.Password, "\r\n\x00") {
		return fmt.Errorf("writing the credential: a value holds a line end or a NUL")
	}
	return writeOnce(w, "username="+r.Username+
		"\npassword="+r.Password+
		"\npassword_expiry_utc="+strconv.FormatInt(r.Expiry.Unix(), 10)+"\n")
}

func writeOnce(w io.Writer, s string) error {
	if _, err := io.WriteString(w, s); err != nil {
		return fmt.Errorf("writing to git: %w", err)
	}
	return nil
}
