package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
)

// patience is how long a person at a terminal waits without being told for what.
const patience = time.Second

// progress is one line on a terminal that says what is waited for. It is out of
// the way while something else is written, and gone when the waiting is over. A
// nil one shows nothing.
type progress struct {
	out   io.Writer
	mu    sync.Mutex
	timer *time.Timer
	shown bool
	text  string
}

// waiting begins to wait for something: the line appears after a second. done
// ends it.
func (p *program) waiting(what string) (done func()) {
	file := terminalOf(p.Stderr)
	if file == nil {
		return func() {}
	}
	p.progress = &progress{out: file, text: what}
	p.progress.resume()
	return func() {
		p.progress.pause()
		p.progress = nil
	}
}

// resume begins the second anew.
func (w *progress) resume() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil {
		w.timer = time.AfterFunc(patience, w.show)
	}
}

func (w *progress) show() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.shown = true
		fmt.Fprintf(w.out, "%s: %s ...", name, w.text)
	}
}

// say changes the text, also of a line that is shown.
func (w *progress) say(text string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.erase()
	if w.text = text; w.shown {
		fmt.Fprintf(w.out, "%s: %s ...", name, w.text)
	}
}

// pause takes the line away, until the waiting is resumed.
func (w *progress) pause() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.erase()
	w.shown = false
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

// lookedAt shows the groups of doctor's checks as they are done.
func (p *program) lookedAt() func(doctor.Group) {
	var mu sync.Mutex
	var done []string
	return func(group doctor.Group) {
		mu.Lock()
		defer mu.Unlock()
		done = append(done, string(group))
		p.progress.say("looked at " + strings.Join(done, ", "))
	}
}

// erase writes blanks over the line, which every terminal can.
func (w *progress) erase() {
	if w.shown {
		fmt.Fprintf(w.out, "\r%s\r", strings.Repeat(" ", len(name)+len(w.text)+len(": ...")+1))
	}
}

// terminalOf returns the terminal that a stream leads to, or nil.
func terminalOf(stream io.Writer) *os.File {
	if o, ok := stream.(*output); ok {
		stream = o.to
	}
	file, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return file
}
