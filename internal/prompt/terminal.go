package prompt

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// terminal is the person's terminal, opened independently of stdin and stdout.
// Its mode is not changed, so nothing must be restored when the program ends:
// the terminal itself shows and edits the line.
type terminal interface {
	io.ReadWriteCloser
	// name returns how the terminal is reached, for the trace.
	name() string
	// discard discards what was typed and not yet read, so that half a code does
	// not end up in the shell.
	discard()
}

func (p *Prompter) askTerminal(ctx context.Context, q Question) (string, error) {
	above, wanted := p.say(heading, printable.Line(q.Profile), printable.Line(q.Device))+"\n", p.say(codeWanted)
	if q.Again != "" {
		// The reason is on stderr, and profile and device were shown before.
		above, wanted = "", p.say(nextWanted)
	}
	if limit := within(ctx); !limit.Empty() {
		wanted += " (" + p.say(limit) + ")"
	}
	return converse(ctx, above+wanted+": ", p.say(CodePlease)+": ", IsCode)
}

// converse asks a question, broken for the terminal's width, until ok accepts
// the answer. Blanks are removed from the answer.
func converse(ctx context.Context, question, again string, ok func(string) bool) (string, error) {
	t, err := openTerminal()
	if err != nil {
		return "", err
	}
	question = fitted(question, cmp.Or(columnsOf(t), usualColumns))
	// The terminal is not closed: that would wait for a write while it is stopped.
	for {
		line, err := readLine(ctx, t, question)
		if err != nil {
			return "", err
		}
		if line = WithoutBlanks(line); ok(line) {
			return line, nil
		}
		question = again
	}
}

const (
	// usualColumns is the width of a terminal that does not report it.
	usualColumns = 80
	// answerColumns is the room left for the answer.
	answerColumns = 8
)

// columnsOf returns a terminal's width, 0 if it is not known.
func columnsOf(t terminal) int {
	columns := 0
	if file, ok := t.(interface{ Fd() uintptr }); ok {
		columns, _, _ = term.GetSize(outputOf(t, file.Fd()))
	}
	return columns
}

// fitted breaks the lines of a question, and leaves room for the answer after
// the last one.
func fitted(question string, columns int) string {
	var lines []string
	all := strings.Split(question, "\n")
	for i, line := range all {
		if i == len(all)-1 {
			columns -= answerColumns
		}
		lines = append(lines, printable.Wrap(line, columns)...)
	}
	text := strings.Join(lines, "\n")
	if strings.HasSuffix(question, " ") {
		text += " "
	}
	return text
}

// readLine shows a question and reads a line, until ctx ends. Reading can't be
// interrupted on every system (macOS does not poll /dev/tty), and writing waits
// while a terminal is stopped (Ctrl-S); both then end with the process.
func readLine(ctx context.Context, t terminal, question string) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		_, err := io.WriteString(t, question)
		var line string
		if err == nil {
			line, err = untilLineEnd(t)
		}
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		if errors.Is(r.err, ErrCancelled) {
			endLine(t) // mutation: a line end after Ctrl-D
		}
		return r.line, r.err
	case <-ctx.Done():
		t.discard()
		endLine(t)
		return "", ctx.Err()
	}
}

// endLine ends an unfinished line, unless the terminal is stopped and nothing
// can be written.
func endLine(t terminal) {
	written := make(chan struct{})
	go func() {
		_, _ = io.WriteString(t, "\n")
		close(written)
	}()
	select {
	case <-written:
	case <-time.After(10 * time.Millisecond):
	}
}

// untilLineEnd reads a line byte by byte, so that what follows is left for the
// next reader of the terminal. A carriage return ends a line too: a terminal in
// raw mode sends nothing else.
func untilLineEnd(t io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < 1024; {
		n, err := t.Read(b)
		if n == 1 && (b[0] == '\n' || b[0] == '\r') {
			return string(line), nil
		}
		line = append(line, b[:n]...)
		if errors.Is(err, io.EOF) || n == 0 && err == nil {
			return "", ErrCancelled // Ctrl-D
		}
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("the line is too long")
}
