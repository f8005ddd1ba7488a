package credential

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Response is a helper's answer: a credential, or Quit.
type Response struct {
	Username string
	Password string
	// Expiry is when git 2.40 and later drop the password and ask again
	// (password_expiry_utc), by the local clock.
	Expiry time.Time
	// Quit tells git 2.3 and later to ask neither the next helper nor the person.
	// Without it, git asks for a username after a failure, because it ignores a
	// helper's exit status.
	Quit bool
}

// Write writes the answer in one call, so that git never reads half of it. If a
// value contains a line end or NUL, Write writes nothing and returns an error,
// as git-lfs does in creds.go. Lines end with a line feed on every system: git
// before 2.29 read a carriage return as part of the password.
func (r Response) Write(w io.Writer) error {
	if r.Quit {
		return writeOnce(w, "quit=1\n")
	}
	if r.Username == "" || r.Password == "" {
		// With only a username, git asks for the password and shows the username, which
		// contains the session token.
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
