package prompt

import (
	"context"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// way is one way to ask.
type way struct {
	name string
	ask  func(context.Context, Question) (string, error)
	// elsewhere says where the question appears if that is not the terminal: "in a
	// window".
	elsewhere string
	// setting is the setting that names the program, or "".
	setting string
}

// Describe returns how the MFA code would be asked for, and for each way before
// that why it can't be used. It asks nothing. The error is ErrForbidden or
// ErrImpossible.
func (p *Prompter) Describe() (way string, reasons []string, err error) {
	quiet := *p
	quiet.Tell = nil
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

// way chooses how to ask. The order is git's own (git_prompt in prompt.c:
// GIT_ASKPASS, core.askPass and SSH_ASKPASS, terminal), with one exception: a
// terminal comes before core.askPass and SSH_ASKPASS, since it shows which
// command asks.
func (p *Prompter) way(q Question) (way, error) {
	if err := p.forbidden(); err != nil {
		return way{}, err
	}
	tty := way{name: "the terminal", ask: p.askTerminal}
	terminalOnly := q.TerminalOnly
	if terminalOnly == "" && (p.Mode != "auto" || p.Process == "") {
		terminalOnly = q.NoWindows
	}
	switch {
	case terminalOnly != "" && !p.atTerminal():
		return way{}, fmt.Errorf("%w: %s, so only a terminal may ask", ErrImpossible, terminalOnly)
	case terminalOnly != "":
		return tty, nil
	}
	switch p.Mode {
	case "tty":
		if p.terminal() {
			return tty, nil
		}
	case "askpass":
		if w, ok := p.askpass(gitAskPass, coreAskPass, sshAskPass); ok {
			return w, nil
		}
	case "gui":
		return p.dialogWay()
	case "auto":
		return p.auto(tty)
	}
	return way{}, ErrImpossible
}

// auto returns the first way that can be used. Each function traces why its way
// can't.
func (p *Prompter) auto(tty way) (way, error) {
	if p.Process != "" {
		return way{name: "mfa_process", ask: p.askProcess}, nil
	}
	p.Trace("no mfa_process: none is set")
	if w, ok := p.askpass(gitAskPass); ok {
		return w, nil
	}
	if p.terminal() {
		return tty, nil
	}
	if w, ok := p.askpass(coreAskPass, sshAskPass); ok {
		return w, nil
	}
	return p.dialogWay()
}

// dialogWay returns the way to ask in a window of the desktop.
func (p *Prompter) dialogWay() (way, error) {
	d, err := p.dialog()
	if err != nil {
		p.Trace("no dialog: %v", err)
		return way{}, fmt.Errorf("%w: %w", ErrImpossible, err)
	}
	return way{name: d.name(), ask: p.askDialog(d), elsewhere: "in a window"}, nil
}

// atTerminal reports whether the mode allows a terminal, and there is one.
func (p *Prompter) atTerminal() bool { return (p.Mode == "auto" || p.Mode == "tty") && p.terminal() }

// terminal reports whether there is a terminal that may be used.
func (p *Prompter) terminal() bool {
	if p.Mode != "tty" && !p.ByHand && p.Getenv("GIT_TERMINAL_PROMPT") == "0" {
		p.Trace("no terminal: GIT_TERMINAL_PROMPT=0")
		return false
	}
	t, err := openTerminal()
	if err != nil {
		p.Trace("no terminal: %v", err)
		return false
	}
	p.Trace("a terminal: %s", t.name())
	t.Close()
	return true
}

// forbidden returns ErrForbidden with the setting that forbids questions, or
// nil. git runs helpers even then (git maintenance passes -c
// credential.interactive=false), so a helper must check. go and other tools set
// Git Credential Manager's variable for all helpers.
func (p *Prompter) forbidden() error {
	setting := ""
	switch {
	case p.Mode == "none":
		setting = "--prompt none"
	case p.ByHand:
		return nil
	case p.Getenv("VSCODE_GIT_FETCH_SILENT") != "":
		setting = "VSCODE_GIT_FETCH_SILENT (a fetch in the background)"
	case isNo(p.Getenv("GCM_INTERACTIVE")):
		setting = "GCM_INTERACTIVE"
	case isNo(p.Interactive()):
		setting = "git's credential.interactive"
	default:
		return nil
	}
	return fmt.Errorf("%w by %s", ErrForbidden, setting)
}

// isNo reports whether a setting is false or never. It may be one of Git
// Credential Manager's words, with which git config --type=bool fails.
func isNo(value string) bool {
	switch strings.ToLower(value) {
	case "0", "false", "never", "no", "off":
		return true
	}
	return false
}
