package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// forGit returns the operation if git asks, rather than a person, else "".
func (p *program) forGit() string {
	if len(p.Args) < 2 || p.StdinIsTerminal() {
		return ""
	}
	switch last := p.Args[len(p.Args)-1]; last {
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

// tell says something to the person, without stopping. What a file name or
// another's error holds must not steer the terminal, nor turn the direction of
// writing (CVE-2021-42574).
func (p *program) tell(format string, args ...any) {
	text := strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) { // mutation: no talk steers the terminal
			return '?'
		}
		return r
	}, fmt.Sprintf(format, args...))
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
	if p.warning != "" {
		p.tell("warning: %s", p.warning)
		p.warning = ""
	}
}

// checked keeps the first error of writing, which not every printer returns:
// half an answer on a full disk must not look like a whole one.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(data []byte) (int, error) {
	n, err := c.Writer.Write(data)
	if c.err == nil {
		c.err = err // mutation: fault: output that can not be written
	}
	return n, err
}
