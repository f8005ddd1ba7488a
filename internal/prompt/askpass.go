package prompt

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// The settings that name an askpass: a program that takes the question as its
// argument and prints the answer (gitcredentials(7)).
const (
	gitAskPass  = "GIT_ASKPASS"
	coreAskPass = "core.askPass"
	sshAskPass  = "SSH_ASKPASS"
)

// errNotRun is for an askpass that did not come to ask.
var errNotRun = errors.New("it can't be run")

// askpass asks by the first program that is set and can be run. That of a
// setting which can't is passed by, and said.
func (p *Prompter) askpass(settings ...string) (way, bool) {
	for _, setting := range settings {
		program := p.askPassProgram(setting)
		if program == "" || p.failed[setting] {
			continue
		}
		if _, err := gitexec.Command(p.folders(), program); err != nil { // mutation: an askpass that can not be run is passed by
			p.passBy(setting, err)
			continue
		}
		return way{name: "askpass", elsewhere: "through " + printable.Line(program), setting: setting, ask: p.askBy(program)}, true
	}
	return way{}, false
}

// passBy notes that the program of a setting can't be run.
func (p *Prompter) passBy(setting string, err error) {
	p.Trace("no %s: %v", setting, err)
	p.tell("%s is skipped: %v", setting, err)
	if p.failed == nil {
		p.failed = map[string]bool{}
	}
	p.failed[setting] = true
}

// askPassProgram returns the program of a setting; or "", and a trace says why.
// One that is known to do harm is skipped: JetBrains' handler takes every
// question that does not begin with Username for one for a password, and may
// answer with a stored one (intellij-community, GitHttpAuthService).
func (p *Prompter) askPassProgram(setting string) string {
	program := ""
	if setting == coreAskPass {
		program = p.AskPass()
	} else {
		program = p.Getenv(setting)
	}
	if program == "" {
		p.Trace("no %s: it is not set", setting)
		return ""
	}
	for _, handler := range []string{"INTELLIJ_GIT_ASKPASS_HANDLER", "GIT_ASKPASS_HANDLER"} {
		if p.Getenv(handler) != "" && setting != coreAskPass {
			p.Trace("no %s: it is skipped, since %s is set", setting, handler)
			return ""
		}
	}
	return program
}

// folders is where git looks for programs.
func (p *Prompter) folders() []string {
	if p.Folders != nil {
		return p.Folders()
	}
	return filepath.SplitList(p.Getenv("PATH"))
}

func (p *Prompter) askBy(program string) func(context.Context, Question) (string, error) {
	return func(ctx context.Context, q Question) (string, error) {
		// VS Code's askpass.sh hands this on unquoted ($*), and its reader
		// takes the first and the third word, or fails with another number of
		// words, so it must have just this form, and no space inside the
		// quotes. The word "password" would have the answer hidden.
		device := strings.ReplaceAll(printable.Line(q.Device), " ", "_")
		cmd, err := gitexec.Command(p.folders(), program, "MFA-code for '"+device+"': ")
		if err != nil {
			return "", fmt.Errorf("%w: %w", errNotRun, err)
		}
		text, err := output(ctx, cmd)
		var status *exec.ExitError
		switch {
		case err == nil, ctx.Err() != nil, errors.Is(err, ErrNotACode), errors.Is(err, ErrCancelled):
			return text, err
		case errors.As(err, &status) && status.ExitCode() != cannotRun && status.ExitCode() != commandNotFound:
			return "", ErrCancelled // how an askpass says so
		}
		return "", fmt.Errorf("%w: %w", errNotRun, err)
	}
}

// The exit statuses of a shell that could not run what it was told to.
const (
	cannotRun       = 126
	commandNotFound = 127
)
