package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/cache"
	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/internal/awssource"
	"github.com/git-credential-mfa/git-credential-mfa/internal/prompt"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// failed converts an error to plain values; nil stays nil. The fix is the helper's
// own hint.
func (p *Probe) failed(err error) *doctor.Failure {
	if err == nil {
		return nil
	}
	f := &doctor.Failure{Text: err.Error(), Kind: kindOf(err)}
	if p.hints != nil {
		f.Fix = strings.Join(p.hints(err), "\n")
	}
	return f
}

// failedCall converts the error of a call to AWS.
func (p *Probe) failedCall(err error) *doctor.Failure {
	f := p.failed(err)
	if _, kind := session.Explain(err); kind != nil && f.Fix == "" && p.hints != nil {
		f.Fix = strings.Join(p.hints(kind), "\n")
	}
	switch {
	case f == nil:
	case errors.Is(err, context.DeadlineExceeded):
		f.Text = "no answer in time"
	default:
		f.Text = callText(err)
	}
	return f
}

// kinds maps errors to the kinds that checks distinguish.
var kinds = []struct {
	err  error
	kind doctor.Kind
}{
	{awssource.ErrNoProfile, doctor.NoProfile},
	{session.ErrUnreachable, doctor.NotReached}, {session.ErrNoAnswer, doctor.NotReached}, {session.ErrTLS, doctor.NotReached},
	{context.DeadlineExceeded, doctor.NotReached},
	{session.ErrKey, doctor.UnknownKey},
	{session.ErrClock, doctor.WrongClock},
	{cache.ErrLocked, doctor.KeyringLocked}, {cache.ErrTimeout, doctor.KeyringSilent}, {cache.ErrPassphrase, doctor.WrongPassphrase},
	{prompt.ErrForbidden, doctor.PromptForbidden},
}

func kindOf(err error) doctor.Kind {
	if err == nil {
		return ""
	}
	_, explained := session.Explain(err)
	for _, k := range kinds {
		if errors.Is(err, k.err) || explained == k.err {
			return k.kind
		}
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ExpiredToken" {
		return doctor.ExpiredToken
	}
	return ""
}

// callText returns the message of a failed call, of AWS or of the network, without
// secrets.
func callText(err error) string {
	text, kind := session.Explain(err)
	if kind == nil || text == err.Error() {
		return text
	}
	return fmt.Sprintf("%v: %s", kind, text)
}
