package prompt

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Choose asks which of several things is meant, and returns it: at the
// terminal, else in a window. An askpass can't show a list, and mfa_process
// is no person.
func (p *Prompter) Choose(ctx context.Context, title string, options []string) (string, error) {
	choose, err := p.chooser()
	if err != nil {
		return "", fmt.Errorf("%s: %w", title, err)
	}
	rows := make([]string, len(options))
	for i, option := range options {
		rows[i] = fmt.Sprintf("%d  %s", i+1, printable.Line(option))
	}
	chosen, err := choose(ctx, title, rows)
	if err != nil {
		return "", fmt.Errorf("%s: %w", title, reason(ctx, err))
	}
	return options[chosen], nil
}

// chooser returns a function that shows rows and returns the index of one.
func (p *Prompter) chooser() (func(context.Context, string, []string) (int, error), error) {
	if setting := p.forbidden(); setting != "" {
		return nil, fmt.Errorf("%w by %s", ErrForbidden, setting)
	}
	if (p.Mode == "auto" || p.Mode == "tty") && p.terminal() {
		return chooseAtTerminal, nil
	}
	if p.Mode != "auto" && p.Mode != "gui" {
		return nil, ErrImpossible
	}
	d, err := p.dialog()
	if err != nil {
		p.Trace("no dialog: %v", err)
		return nil, fmt.Errorf("%w: %w", ErrImpossible, err)
	}
	return func(ctx context.Context, title string, rows []string) (int, error) {
		p.tell("asking in a window: %s%s", title, timeLeft(ctx))
		return chooseInDialog(ctx, d, title, rows)
	}, nil
}

func chooseAtTerminal(ctx context.Context, title string, rows []string) (int, error) {
	question := fmt.Sprintf("%s\n  %s\nnumber, 1 to %d: ", title, strings.Join(rows, "\n  "), len(rows))
	chosen := 0
	_, err := converse(ctx, question, "a number from the list, please: ", func(line string) bool {
		n, err := strconv.Atoi(line)
		chosen = n - 1
		return err == nil && n >= 1 && n <= len(rows)
	})
	return chosen, err
}

// Confirm asks a question that is answered by yes or no, at the terminal and
// nowhere else. Enter alone is no. The error is ErrForbidden or ErrImpossible
// where nobody can be asked.
func (p *Prompter) Confirm(ctx context.Context, question string) (bool, error) {
	if err := p.CanAsk(); err != nil {
		return false, err
	}
	yes := false
	_, err := converse(ctx, printable.Line(question)+" [y/N] ", "y or n, please: ", func(line string) bool {
		line = strings.ToLower(line)
		yes = line == "y" || line == "yes"
		return yes || line == "" || line == "n" || line == "no"
	})
	if err != nil {
		return false, reason(ctx, err)
	}
	return yes, nil
}
