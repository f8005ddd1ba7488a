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

// errNotRun is for an askpass program that can't be started.
var errNotRun = errors.New("it can't be run")

// askpass returns a way to ask with the first program that is set and can be
// run. It skips a program that can't, and says so.
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

// passBy notes that the program of a setting can't be run, and says so.
func (p *Prompter) passBy(setting string, err error) {
	p.Trace("no %s: %v", setting, err)
	p.tell("%s is skipped: %v", setting, err)
	if p.failed == nil {
		p.failed = map[string]bool{}
	}
	p.failed[setting] = true
}

// askPassProgram returns the program of a setting, or "" with the reason in the
// trace. It skips JetBrains' handler, which takes every question that does not
// begin with "Username" for a question for a password, and may answer with a
// stored one (intellij-community, GitHttpAuthService).
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

// folders returns the folders in which git looks for programs.
func (p *Prompter) folders() []string {
	if p.Folders != nil {
		return p.Folders()
	}
	return filepath.SplitList(p.Getenv("PATH"))
}

func (p *Prompter) askBy(program string) func(context.Context, Question) (string, error) {
	return func(ctx context.Context, q Question) (string, error) {
		// VS Code's askpass.sh passes this on unquoted ($*). Its reader uses the
		// first and the third word, and fails unless there are three, so there must
		// be no space in the device's name. With the word "password" it would hide
		// the answer.
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
			return "", ErrCancelled // an askpass exits like this when it is cancelled
		}
		return "", fmt.Errorf("%w: %w", errNotRun, err)
	}
}

// The exit statuses of a shell that could not run a command.
const (
	cannotRun       = 126
	commandNotFound = 127
)
