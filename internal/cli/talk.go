package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/git-credential-mfa/git-credential-mfa/doctor"
	"github.com/git-credential-mfa/git-credential-mfa/internal/gitexec"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// forGit returns git's operation on the command line, or "" if a person runs
// the program.
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

// report shows an error with its hints. After a failed get it tells git to stop.
func (p *program) report(err error) {
	p.tell("error: %v", err)
	for _, hint := range p.hints(err) {
		p.tell("hint: %s", hint)
	}
	p.sayWarning()
	var quit errQuit
	if errors.As(err, &quit) {
		_ = quitGit(p.Stdout) // an error means that git is gone
	}
}

// tell shows a message to the person. Errors, warnings and hints begin with the
// program's name; so does every message while git or an SDK runs the program,
// since it appears among their own lines.
//
// Further lines are indented, so that no text from outside begins a line that
// looks like this program's. On a terminal, lines that are too long are broken
// between words.
func (p *program) tell(format string, args ...any) {
	p.progress.pause()
	defer p.progress.resume()
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\n  ")
	kind, _, _ := strings.Cut(format, ": ")
	if slices.Contains([]string{"error", "warning", "hint"}, kind) || p.runByOthers() {
		text = name + ": " + text
	}
	fmt.Fprintln(p.Stderr, broken(text, columnsOf(p.Stderr), kind == "hint"))
}

// broken breaks lines that are wider than a terminal. A hint often ends in a
// command, behind the last ": ", which gets a line of its own and stays whole, so
// that it can be copied.
func broken(text string, columns int, hint bool) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		at := strings.LastIndex(line, ": ")
		wrapped := printable.Wrap(line, columns)
		if hint && len(wrapped) > 1 && at > len(name+": hint") {
			wrapped = append(printable.Wrap(line[:at+1], columns), "  "+line[at+2:])
		}
		lines = append(lines, wrapped...)
	}
	return strings.Join(lines, "\n")
}

// runByOthers reports whether git or an SDK has started the program.
func (p *program) runByOthers() bool {
	return p.forGit() != "" || len(p.Args) > 0 && p.Args[len(p.Args)-1] == "credential-process"
}

// tellWarning shows an error that does not end the command, with its hints.
func (p *program) tellWarning(err error) {
	p.tell("warning: %v", err)
	for _, hint := range p.hints(err) {
		p.tell("hint: %s", hint)
	}
}

// sayWarning shows the warning about the environment, once.
func (p *program) sayWarning() {
	if warning := p.settings.source.Warning; warning != "" && !p.warned {
		p.tell("warning: %s", warning)
		p.warned = true
	}
}

// output is stdout or stderr. It makes all text printable, and keeps the first
// error, which not every printer returns: half an answer on a full disk must
// not look like success. Each Write must be whole characters.
type output struct {
	to  io.Writer
	err error
}

// checkStdout returns an error where stdout is closed. The commands that ask for
// a code to print an answer call it first. Others may be run for their exit
// status alone: the null device of Python or Node looks like a closed stdout.
func (p *program) checkStdout() error {
	if p.StdoutWasClosed != nil && p.StdoutWasClosed() { // mutation: an answer to a closed stdout
		return errors.New("writing the answer: stdout is closed")
	}
	return nil
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

// coloured returns stdout for text that is already printable, and has this
// program's own colours.
func (p *program) coloured() io.Writer {
	if o, ok := p.Stdout.(*output); ok {
		return colours{o}
	}
	return p.Stdout
}

type colours struct{ *output }

func (c colours) Write(data []byte) (int, error) { return len(data), c.write(string(data)) }

// home returns the home directory that git uses.
func (p *program) home() string { return gitexec.Home(os.Environ()) }

// style returns how doctor's report is written, by the terminal and the locale.
func (p *program) style(c *cli.Context) doctor.Style {
	terminal := terminalOf(p.Stdout) != nil
	style := doctor.Style{Verbose: c.Bool("verbose"), Colour: terminal && p.hasColour(), Width: columnsOf(p.Stdout), Language: p.language(terminal)}
	style.Unicode = p.hasUnicode(terminal) || style.Language == language.Japanese
	return style
}

// language returns the language of the locale, or, for a terminal, of the
// desktop if no locale is set.
func (p *program) language(terminal bool) language.Language {
	l, ok := language.Of(p.Getenv)
	if !ok && terminal {
		l = desktopLanguage()
	}
	return l
}

// hasUnicode reports whether more than ASCII can be shown. Windows' terminals
// show any character; the encoding of a file there is not known.
func (p *program) hasUnicode(terminal bool) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(p.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return terminal && runtime.GOOS == "windows"
}

// hasColour reports whether a terminal shows colours.
func (p *program) hasColour() bool { return p.Getenv("NO_COLOR") == "" && p.Getenv("TERM") != "dumb" }

// patience is how long a person waits before progress says what for.
const patience = time.Second

// progress is one line on a terminal that says what the program waits for. It
// appears after a second, and is erased while something else is written and
// when the wait is over. If stderr is not a terminal, or progress is nil,
// nothing is shown.
type progress struct {
	stderr io.Writer
	mu     sync.Mutex
	out    io.Writer // the terminal
	timer  *time.Timer
	text   string // "" if nothing is waited for
	shown  bool
}

// waiting starts to show what the program waits for. done ends that.
func (p *program) waiting(what string) (done func()) {
	p.progress.say(what)
	return p.progress.end
}

// say starts to show what the program waits for, or changes it.
func (w *progress) say(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.erase()
	if w.text = text; w.shown {
		w.draw()
		return
	}
	w.start()
}

// start starts the timer, if there is something to wait for. The caller has the
// lock.
func (w *progress) start() {
	if w.timer != nil || w.text == "" {
		return
	}
	if w.out == nil {
		file := terminalOf(w.stderr)
		if file == nil {
			return
		}
		w.out = file
	}
	w.timer = time.AfterFunc(patience, w.show)
}

func (w *progress) show() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.shown = true
		w.draw()
	}
}

func (w *progress) draw() { fmt.Fprintf(w.out, "%s ...", w.text) }

// erase overwrites the line with blanks, which works on every terminal.
func (w *progress) erase() {
	if w.shown {
		fmt.Fprintf(w.out, "\r%s\r", strings.Repeat(" ", printable.Columns(w.text)+len(" ...")))
	}
}

// pause erases the line until resume.
func (w *progress) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.erase()
	w.shown = false
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

// resume starts the timer again.
func (w *progress) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start()
}

// end erases the line for good.
func (w *progress) end() {
	w.pause()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = ""
}

// lookedAt returns a function that shows which groups of doctor's checks are done.
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

// columnsOf returns the width of the terminal that a stream writes to, or 0.
func columnsOf(stream io.Writer) int {
	columns := 0
	if file := terminalOf(stream); file != nil {
		columns, _, _ = term.GetSize(int(file.Fd()))
	}
	return columns
}

// terminalOf returns the terminal that a stream writes to, or nil.
func terminalOf(stream io.Writer) *os.File {
	if o, ok := stream.(*output); ok {
		stream = o.to
	}
	file, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) { // mutation: no progress where stderr is no terminal
		return nil
	}
	return file
}
