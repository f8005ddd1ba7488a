package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

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
	subject := "MFA code"
	if q.Again != "" {
		// Why stands on stderr, which may be a file.
		subject = "next MFA code"
	}
	question := fmt.Sprintf("%s for profile %s, device %s (6 digits%s): ",
		subject, printable.Line(q.Profile), printable.Line(q.Device), timeLeft(ctx))
	return converse(ctx, question, "six digits, please: ", IsCode)
}

// converse puts a question until the answer will do.
func converse(ctx context.Context, question, again string, ok func(string) bool) (string, error) {
	t, err := openTerminal()
	if err != nil {
		return "", err
	}
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
		return r.line, r.err
	case <-ctx.Done():
		t.discard()
		go func() { _, _ = io.WriteString(t, "\n") }()
		time.Sleep(10 * time.Millisecond) // for the line end, unless the terminal is stopped
		return "", ctx.Err()
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
