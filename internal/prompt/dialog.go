package prompt

import (
	"context"
	"slices"

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
func askDialog(d dialog) func(context.Context, Question) (string, error) {
	return func(ctx context.Context, q Question) (string, error) {
		note := q.Again
		for range maxWindows {
			answer, err := d.enter(ctx, codeLines(ctx, q, note))
			if err != nil || IsCode(WithoutBlanks(answer)) {
				return answer, err
			}
			note = "six digits, please"
		}
		return "", ErrNotACode
	}
}

func codeLines(ctx context.Context, q Question, note string) []string {
	lines := []string{"MFA code for AWS, 6 digits" + until(ctx)}
	if note != "" {
		lines = append(lines, printable.Line(note))
	}
	return append(lines, "", "Profile: "+printable.Line(q.Profile), "Device: "+printable.Line(q.Device))
}

func chooseInDialog(ctx context.Context, d dialog, title string, rows []string) (int, error) {
	lines := []string{printable.Line(title) + until(ctx)}
	for range maxWindows {
		row, err := d.choose(ctx, lines, rows)
		if err != nil {
			return 0, err
		}
		if i := slices.Index(rows, row); i >= 0 {
			return i, nil
		}
		lines = []string{printable.Line(title) + until(ctx), "one row of the list, please"}
	}
	return 0, ErrCancelled
}

// until words the time limit for a window, which may be found only a while
// after it appeared.
func until(ctx context.Context) string {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ""
	}
	return timeLeft(ctx) + " (until " + deadline.Format("15:04:05") + ")"
}
