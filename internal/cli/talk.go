package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// forGit returns the operation if git asks, rather than a person, else "".
func (s System) forGit() string {
	if len(s.Args) < 2 || s.StdinIsTerminal() {
		return ""
	}
	switch last := s.Args[len(s.Args)-1]; last {
	case "get", "store", "erase": // mutation: a wrong helper line is nothing to other hosts
		return last
	}
	return ""
}

// report is the one place that words errors.
func (p *program) report(err error) {
	p.tell("error: %v", err)
	for _, hint := range p.hints(err) {
		p.tell("hint: %s", hint)
	}
	p.sayWarning()
	var quit errQuit
	if errors.As(err, &quit) {
		_ = quitGit(p.Stdout) // when git is gone, nothing is left to say
	}
}

// tell says something to the person, without stopping. Further lines are
// indented: no text from outside begins a line that looks like this program's.
func (p *program) tell(format string, args ...any) {
	p.progress.pause()
	defer p.progress.resume()
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n  ")
	fmt.Fprintf(p.Stderr, "%s: %s\n", name, text)
}

// tellWarning says what went wrong beside the way, and what mends it.
func (p *program) tellWarning(err error) {
	p.tell("warning: %v", err)
	for _, hint := range p.hints(err) {
		p.tell("hint: %s", hint)
	}
}

// sayWarning says once what is odd about the environment. A cached answer does not.
func (p *program) sayWarning() {
	if p.source.Warning != "" {
		p.tell("warning: %s", p.source.Warning)
		p.source.Warning = ""
	}
}

// output is the one door to the person, and to git: stdout and stderr. It
// passes on printable text only, each Write being whole characters, and keeps
// the first error, which not every printer returns: half an answer on a full
// disk must not look like a whole one.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(data []byte) (int, error) {
	return len(data), o.write(printable.Text(string(data))) // mutation: nothing shown steers the terminal
}

func (o *output) write(text string) error {
	_, err := io.WriteString(o.to, text)
	if o.err == nil {
		o.err = err // mutation: fault: output that can not be written
	}
	return err
}

// coloured is stdout for text that is printable already, and has colours of
// this program's own.
func (p *program) coloured() io.Writer {
	if o, ok := p.Stdout.(*output); ok {
		return colours{o}
	}
	return p.Stdout
}

type colours struct{ *output }

func (c colours) Write(data []byte) (int, error) { return len(data), c.write(string(data)) }
