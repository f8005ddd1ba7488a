package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// errNoHiding is for a terminal that can't be told not to show what is typed.
var errNoHiding = errors.New("this terminal can't hide what is typed")

// CanAsk returns why a person can't be asked at a terminal, ErrForbidden or
// ErrImpossible, or nil.
func (p *Prompter) CanAsk() error {
	if setting := p.forbidden(); setting != "" {
		return fmt.Errorf("%w by %s", ErrForbidden, setting)
	}
	if p.Mode != "auto" && p.Mode != "tty" || !p.terminal() {
		return ErrImpossible
	}
	return nil
}

// Show writes to the terminal what draw returns for its width in columns, 0 when
// that is not known; past stdout and stderr, which may be files: what is shown
// may be a secret. It is written as it is. The error is ErrForbidden or
// ErrImpossible where nobody would see it.
func (p *Prompter) Show(draw func(columns int) string) error {
	if err := p.CanAsk(); err != nil {
		return err
	}
	t, err := openTerminal()
	if err != nil {
		return err
	}
	defer t.Close()
	columns := 0
	if file, ok := t.(interface{ Fd() uintptr }); ok {
		columns, _, _ = term.GetSize(outputOf(t, file.Fd()))
	}
	defer showColours(t)()
	_, err = io.WriteString(t, draw(columns))
	return err
}

// Line asks for a line at the terminal and nowhere else, and asks again until
// ok takes it. Blanks in it are left out. Errors as Confirm's.
func (p *Prompter) Line(ctx context.Context, question, again string, ok func(string) bool) (string, error) {
	if err := p.CanAsk(); err != nil {
		return "", err
	}
	line, err := converse(ctx, printable.Line(question), again, ok)
	if err != nil {
		return "", reason(ctx, err)
	}
	return line, nil
}

// Secret asks for a line that is not shown as it is typed, at the terminal and
// nowhere else. The terminal is left as it was, however the question ends.
func (p *Prompter) Secret(ctx context.Context, question string) (string, error) {
	if err := p.CanAsk(); err != nil {
		return "", err
	}
	t, err := openTerminal()
	if err != nil {
		return "", err
	}
	file, ok := t.(interface{ Fd() uintptr })
	if !ok {
		return "", fmt.Errorf("%w: %w", ErrImpossible, errNoHiding)
	}
	line, err := readHidden(ctx, t, int(file.Fd()), printable.Line(question))
	if err != nil {
		return "", reason(ctx, err)
	}
	return strings.TrimSpace(line), nil
}

// readHidden puts a question and reads a line without echo. Reading can't be
// interrupted: it ends with the process, and the terminal is restored before.
func readHidden(ctx context.Context, t terminal, fd int, question string) (string, error) {
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoHiding, err)
	}
	type result struct {
		line []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		_, err := io.WriteString(t, question)
		var line []byte
		if err == nil {
			line, err = term.ReadPassword(fd) // mutation: keys: the secret is not shown
		}
		_, _ = io.WriteString(t, "\n")
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		if errors.Is(r.err, io.EOF) {
			r.err = ErrCancelled // Ctrl-D
		}
		return string(r.line), r.err
	case <-ctx.Done():
		t.discard()
		err := term.Restore(fd, state) // mutation: keys: the terminal is left as it was
		_, _ = io.WriteString(t, "\n")
		return "", errors.Join(ctx.Err(), err)
	}
}
