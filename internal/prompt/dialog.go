package prompt

import (
	"context"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// dialogTitle is what the window list shows. It is the same for every
// question, and holds nothing from outside.
const dialogTitle = "git-credential-mfa"

// maxWindows is how often a window is put up for one answer: a program that
// only pretends to be a dialog must not be started for two minutes.
const maxWindows = 10

// dialog puts windows up on a desktop. What it is given to show is printable
// and shown as it is, whatever markup it looks like.
type dialog interface {
	name() string
	// enter shows lines, the first of which is this program's own, and
	// returns what was typed below them.
	enter(ctx context.Context, lines []string) (string, error)
	// choose shows lines and rows, and returns the row that was chosen, or ""
	// when none was.
	choose(ctx context.Context, lines, rows []string) (string, error)
}

// askDialog asks in one window after the other until there is a code. A
// window that is cancelled ends it.
func (p *Prompter) askDialog(d dialog) func(context.Context, Question) (string, error) {
	return func(ctx context.Context, q Question) (string, error) {
		note := q.Again
		for range maxWindows {
			answer, err := d.enter(ctx, p.codeLines(ctx, q, note))
			if err != nil || IsCode(WithoutBlanks(answer)) {
				return answer, err
			}
			note = p.say(CodePlease)
		}
		return "", ErrNotACode
	}
}

// codeLines are what a window shows, which may be found while something else is
// looked at: who asks, until when, what for, and whose code is meant.
func (p *Prompter) codeLines(ctx context.Context, q Question, note string) []string {
	lines := []string{p.say(windowTitle) + p.until(ctx)}
	if note != "" {
		lines = append(lines, printable.Line(note))
	}
	lines = append(lines, "")
	if p.For != "" {
		lines = append(lines, p.say(windowFor)+printable.Line(p.For))
	}
	return append(lines, p.say(windowOf)+printable.Line(q.Profile), p.say(windowBy)+printable.Line(q.Device))
}

func (p *Prompter) chooseInDialog(ctx context.Context, d dialog, title language.Text, rows []string) (int, error) {
	lines := []string{p.say(title) + p.until(ctx)}
	for range maxWindows {
		row, err := d.choose(ctx, lines, rows)
		if err != nil {
			return 0, err
		}
		if i := slices.Index(rows, row); i >= 0 {
			return i, nil
		}
		lines = []string{p.say(title) + p.until(ctx), p.say(rowInWindow)}
	}
	return 0, ErrCancelled
}

// until words the time limit for a window, which may be found only a while
// after it appeared.
func (p *Prompter) until(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ""
	}
	at := deadline.Format("15:04:05")
	return p.say(language.Text{English: ", %s (until %s)", Japanese: "、%s (%s まで)"}, p.say(within(ctx)), at)
}
