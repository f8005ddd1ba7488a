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

// failed turns an error into plain values; nil stays nil. The fix is the hint that
// the helper itself gives.
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

// failedCall is failed for the error of a call to AWS.
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

// kinds map errors to the kinds that checks tell apart.
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

// callText is the text of a failed call, AWS's own or the network's, without
// secrets.
func callText(err error) string {
	text, kind := session.Explain(err)
	if kind == nil || text == err.Error() {
		return text
	}
	return fmt.Sprintf("%v: %s", kind, text)
}
