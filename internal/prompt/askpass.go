package prompt

import (
	"context"
	"errors"
	"os/exec"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// gitAskPass returns GIT_ASKPASS, coreAskPass git's core.askPass, sshAskPass
// SSH_ASKPASS; or "", and a trace says why.
func (p *Prompter) gitAskPass() string { return p.askPassFrom("GIT_ASKPASS") }
func (p *Prompter) sshAskPass() string { return p.askPassFrom("SSH_ASKPASS") }

func (p *Prompter) coreAskPass() string {
	program := p.AskPass()
	if program == "" {
		p.Trace("no core.askPass: it is not set")
	}
	return program
}

// askPassFrom skips a program that is known to do harm: JetBrains' handler
// takes every question that does not begin with Username for one for a
// password, and may answer with a stored one (intellij-community,
// GitHttpAuthService).
func (p *Prompter) askPassFrom(variable string) string {
	program := p.Getenv(variable)
	if program == "" {
		p.Trace("no %s: it is not set", variable)
		return ""
	}
	for _, handler := range []string{"INTELLIJ_GIT_ASKPASS_HANDLER", "GIT_ASKPASS_HANDLER"} {
		if p.Getenv(handler) != "" {
			p.Trace("no %s: it is skipped, since %s is set", variable, handler)
			return ""
		}
	}
	return program
}

// askpass asks by the first program that is set. It takes the question as its
// argument and prints the answer (gitcredentials(7)).
func (p *Prompter) askpass(settings ...func() string) (way, bool) {
	for _, setting := range settings {
		if program := setting(); program != "" {
			return way{name: "askpass", elsewhere: "by " + printable.Line(program), ask: askBy(program)}, true
		}
	}
	return way{}, false
}

func askBy(program string) func(context.Context, Question) (string, error) {
	return func(ctx context.Context, q Question) (string, error) {
		// VS Code's askpass.sh hands this on unquoted ($*), and its reader
		// takes the first and the third word, or dies of another number of
		// words, so it must have just this form, and no space inside the
		// quotes. The word "password" would have the answer hidden.
		device := strings.ReplaceAll(printable.Line(q.Device), " ", "_")
		text, err := output(ctx, exec.Command(program, "MFA-code for '"+device+"': "))
		var status *exec.ExitError
		if errors.As(err, &status) {
			return "", ErrCancelled // how an askpass says so
		}
		return text, err
	}
}
