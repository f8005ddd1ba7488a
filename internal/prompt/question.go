package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Choose asks for one of some options and returns it. It asks at the terminal,
// else in a window: an askpass can't show a list, and an mfa_process can't
// choose.
func (p *Prompter) Choose(ctx context.Context, title language.Text, options []string) (string, error) {
	choose, err := p.chooser()
	if err != nil {
		return "", fmt.Errorf("%s: %w", title.English, err)
	}
	rows := make([]string, len(options))
	for i, option := range options {
		rows[i] = fmt.Sprintf("%d  %s", i+1, printable.Line(option))
	}
	chosen, err := choose(ctx, title, rows)
	if err != nil {
		return "", fmt.Errorf("%s: %w", title.English, reason(ctx, err))
	}
	return options[chosen], nil
}

// chooser returns a function that shows rows and returns the index of the
// chosen one.
func (p *Prompter) chooser() (func(context.Context, language.Text, []string) (int, error), error) {
	if err := p.forbidden(); err != nil {
		return nil, err
	}
	if p.atTerminal() {
		return p.chooseAtTerminal, nil
	}
	if p.Mode != "auto" && p.Mode != "gui" {
		return nil, ErrImpossible
	}
	d, err := p.dialog()
	if err != nil {
		p.Trace("no dialog: %v", err)
		return nil, fmt.Errorf("%w: %w", ErrImpossible, err)
	}
	return func(ctx context.Context, title language.Text, rows []string) (int, error) {
		p.tell("asking in a window: %s%s", title.English, timeLeft(ctx))
		return p.chooseInDialog(ctx, d, title, rows)
	}, nil
}

func (p *Prompter) chooseAtTerminal(ctx context.Context, title language.Text, rows []string) (int, error) {
	question := fmt.Sprintf("%s\n  %s\n%s", p.say(title), strings.Join(rows, "\n  "), p.say(rowWanted, len(rows)))
	chosen := 0
	_, err := converse(ctx, question, p.say(rowPlease), func(line string) bool {
		n, err := strconv.Atoi(line)
		chosen = n - 1
		return err == nil && n >= 1 && n <= len(rows)
	})
	return chosen, err
}

// Confirm asks a yes-or-no question, at the terminal only. Enter alone is no.
// The error is ErrForbidden or ErrImpossible if nobody can be asked.
func (p *Prompter) Confirm(ctx context.Context, question language.Text) (bool, error) {
	if err := p.CanAsk(); err != nil {
		return false, err
	}
	yes := false
	_, err := converse(ctx, printable.Line(p.say(question))+" [y/N] ", p.say(yesOrNo), func(line string) bool {
		line = strings.ToLower(line)
		yes = line == "y" || line == "yes"
		return yes || line == "" || line == "n" || line == "no"
	})
	if err != nil {
		return false, reason(ctx, err)
	}
	return yes, nil
}

// errNoHiding is for a terminal on which what is typed can't be hidden.
var errNoHiding = errors.New("this terminal can't hide what is typed")

// CanAsk returns ErrForbidden or ErrImpossible if a person can't be asked at a
// terminal, else nil.
func (p *Prompter) CanAsk() error {
	err := p.forbidden()
	if err == nil && !p.atTerminal() {
		err = ErrImpossible
	}
	return err
}

// Show writes to the terminal what draw returns for its width in columns, 0 if
// that is not known. It does not use stdout or stderr, which may be files,
// since the text may be a secret. The text is written unchanged. The error is
// ErrForbidden or ErrImpossible if nobody would see it.
func (p *Prompter) Show(draw func(columns int) string) error {
	if err := p.CanAsk(); err != nil {
		return err
	}
	t, err := openTerminal()
	if err != nil {
		return err
	}
	defer t.Close()
	defer showColours(t)()
	_, err = io.WriteString(t, draw(columnsOf(t)))
	return err
}

// Line asks for a line, at the terminal only, and asks again until ok accepts
// it. Blanks are removed from the line. It returns the errors of Confirm.
func (p *Prompter) Line(ctx context.Context, question, again language.Text, ok func(string) bool) (string, error) {
	if err := p.CanAsk(); err != nil {
		return "", err
	}
	line, err := converse(ctx, printable.Line(p.say(question)), p.say(again), ok)
	if err != nil {
		return "", reason(ctx, err)
	}
	return line, nil
}

// Secret asks for a line that is not shown as it is typed, at the terminal
// only. The terminal's mode is restored however the question ends.
func (p *Prompter) Secret(ctx context.Context, question language.Text) (string, error) {
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
	line, err := readHidden(ctx, t, int(file.Fd()), printable.Line(p.say(question)))
	if err != nil {
		return "", reason(ctx, err)
	}
	return strings.TrimSpace(line), nil
}

// readHidden shows a question and reads a line without echo. Reading can't be
// interrupted, and ends with the process; the terminal is restored before.
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

// The texts of questions. Why a code was refused comes from package session, in
// English.
var (
	heading     = language.Text{English: "AWS MFA for profile %s (%s)", Japanese: "AWS MFA: プロファイル %s (%s)"}
	codeWanted  = language.Text{English: "6-digit code", Japanese: "6 桁のコード"}
	nextWanted  = language.Text{English: "next 6-digit code", Japanese: "次の 6 桁のコード"}
	windowTitle = language.Text{English: "git-credential-mfa: AWS MFA code, 6 digits", Japanese: "git-credential-mfa: AWS の MFA コード (6 桁)"}
	windowFor   = language.Text{English: "For: ", Japanese: "用途: "}
	windowOf    = language.Text{English: "Profile: ", Japanese: "プロファイル: "}
	windowBy    = language.Text{English: "Device: ", Japanese: "デバイス: "}
	rowWanted   = language.Text{English: "number, 1 to %d: ", Japanese: "番号 (1〜%d): "}
	rowPlease   = language.Text{English: "a number from the list, please: ", Japanese: "一覧の番号を入力してください: "}
	yesOrNo     = language.Text{English: "y or n, please: ", Japanese: "y か n を入力してください: "}
	rowInWindow = language.Text{English: "one row of the list, please", Japanese: "一覧から一つ選んでください"}
)

// CodePlease asks again after an answer that is not six digits.
var CodePlease = language.Text{English: "six digits, please", Japanese: "6 桁の数字を入力してください"}

// say returns a text in the person's language, formatted with values.
func (p *Prompter) say(text language.Text, values ...any) string {
	l := language.English
	if p.Language != nil {
		l = p.Language()
	}
	if len(values) == 0 {
		return text.In(l)
	}
	return fmt.Sprintf(text.In(l), values...)
}
