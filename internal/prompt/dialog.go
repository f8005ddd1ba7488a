package prompt

import (
	"context"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// dialogTitle is the title of all windows. It holds no text from outside.
const dialogTitle = "git-credential-mfa"

// maxWindows is how many windows are shown for one answer: a program that is no
// real dialog must not be started for two minutes.
const maxWindows = 10

// dialog shows windows on a desktop. Its texts must be printable; they are
// shown literally, even if they look like markup.
type dialog interface {
	name() string
	// enter shows lines, of which the first has no text from outside, and returns
	// what the person typed.
	enter(ctx context.Context, lines []string) (string, error)
	// choose shows lines and a list of rows, and returns the chosen row, or "".
	choose(ctx context.Context, lines, rows []string) (string, error)
}

// askDialog returns a function that shows windows until there is a code, or one
// is cancelled.
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

// codeLines returns the text of a window: who asks, until when, what for, and
// which profile and device are meant.
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

// until returns the time limit, also as a time of day, since a window may be
// noticed late.
func (p *Prompter) until(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ""
	}
	at := deadline.Format("15:04:05")
	return p.say(language.Text{English: ", %s (until %s)", Japanese: "、%s (%s まで)"}, p.say(within(ctx)), at)
}
