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

// terminal is the person's terminal, opened past stdin and stdout. Its mode
// is never changed, so there is none to restore, whatever ends the program:
// the terminal itself shows and edits the line.
type terminal interface {
	io.ReadWriteCloser
	// name says for the trace how the terminal is reached.
	name() string
	// discard throws away what was typed and not yet read, so that half a
	// code does not land in the shell.
	discard()
}

func (p *Prompter) askTerminal(ctx context.Context, q Question) (string, error) {
	above, wanted := p.say(heading, printable.Line(q.Profile), printable.Line(q.Device))+"\n", p.say(codeWanted)
	if q.Again != "" {
		// Why stands on stderr, which may be a file, and whose code it is stands above.
		above, wanted = "", p.say(nextWanted)
	}
	if limit := within(ctx); !limit.Empty() {
		wanted += " (" + p.say(limit) + ")"
	}
	return converse(ctx, above+wanted+": ", p.say(CodePlease)+": ", IsCode)
}

// converse puts a question, broken between words for the terminal's width, until
// the answer will do.
func converse(ctx context.Context, question, again string, ok func(string) bool) (string, error) {
	t, err := openTerminal()
	if err != nil {
		return "", err
	}
	question = fitted(question, cmp.Or(columnsOf(t), usualColumns))
	// Not closed: that would wait for a write to a terminal that is stopped.
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
	// usualColumns are those of a terminal that does not tell its width.
	usualColumns = 80
	// answerColumns is the room behind a question.
	answerColumns = 8
)

// columnsOf is a terminal's width, 0 when it does not tell.
func columnsOf(t terminal) int {
	columns := 0
	if file, ok := t.(interface{ Fd() uintptr }); ok {
		columns, _, _ = term.GetSize(outputOf(t, file.Fd()))
	}
	return columns
}

// fitted breaks the lines of a question. Behind the last one there is room for
// the answer.
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

// readLine puts a question and reads a line, and gives up when ctx does.
// Reading can't be interrupted on every system (macOS does not poll /dev/tty),
// and writing waits while a terminal is stopped (Ctrl-S); both end with the
// process.
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

// endLine ends the line that nobody typed to its end, unless the terminal is
// stopped: then nothing more can be written.
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

// untilLineEnd reads byte by byte, so that nothing behind the line is taken
// from whoever reads the terminal next. A carriage return ends a line too: a
// terminal that some program left in raw mode sends nothing else.
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
