package prompt

import (
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Describe names the way in which the MFA code would be asked for, and says
// for each way before it why it is not there. Nothing is asked. The error is
// ErrForbidden or ErrImpossible.
func (p *Prompter) Describe() (way string, reasons []string, err error) {
	quiet := *p
	quiet.Trace = func(format string, args ...any) {
		reasons = append(reasons, printable.Line(fmt.Sprintf(format, args...)))
	}
	w, err := quiet.way(Question{})
	if err != nil {
		return "", reasons, err
	}
	way = w.name
	if w.elsewhere != "" {
		way += ", " + w.elsewhere
	}
	return way, reasons, nil
}
