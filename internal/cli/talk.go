package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// tell says something to the person, without stopping. The program's name stands
// before errors, warnings and hints; and before everything that is said while git
// or an SDK runs the program, since it stands among their own lines.
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
	if file := terminalOf(p.Stderr); file != nil {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			text = broken(text, columns, kind == "hint")
		}
	}
	fmt.Fprintln(p.Stderr, text)
}

// broken breaks lines that are wider than a terminal. A hint often ends in a
// command, behind the last ": ", which gets a line of its own and stays whole, so
// that it can be copied.
func broken(text string, columns int, hint bool) string {
	var lines []string
	for line := range strings.SplitSeq(printable.Text(text), "\n") {
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

// tellWarning tells of an error that does not end the command, and of what
// fixes it.
func (p *program) tellWarning(err error) {
	p.tell("warning: %v", err)
	for _, hint := range p.hints(err) {
		p.tell("hint: %s", hint)
	}
}

// sayWarning says once what is odd about the environment. A cached answer does not.
func (p *program) sayWarning() {
	if warning := p.settings.source.Warning; warning != "" && !p.warned {
		p.tell("warning: %s", warning)
		p.warned = true
	}
}

// output is stdout or stderr: everything for the person or git goes through it. It
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

// home is what git takes for the person's home directory.
func (p *program) home() string { return gitexec.Home(os.Environ()) }

// homes are the paths under which the home directory is known, also by those
// who look up another variable, or follow links.
func (p *program) homes() []string {
	var all []string
	for _, path := range []string{p.home(), p.Getenv("HOME"), p.Getenv("USERPROFILE")} {
		all = append(all, path)
		if filepath.IsAbs(path) {
			if target, err := filepath.EvalSymlinks(path); err == nil {
				all = append(all, target)
			}
			all = append(all, shortName(path))
		}
	}
	return all
}

// style looks at the terminal and the locale. Windows' terminals take any
// character from Go, its files do not say their encoding.
func (p *program) style(c *cli.Context) doctor.Style {
	file := terminalOf(p.Stdout)
	terminal := file != nil
	style := doctor.Style{Verbose: c.Bool("verbose"), Colour: terminal && p.hasColour()}
	if terminal {
		style.Width, _, _ = term.GetSize(int(file.Fd())) // 0 when it does not tell
	}
	style.Language = p.language(terminal)
	style.Unicode = p.hasUnicode(terminal) || style.Language == language.Japanese
	return style
}

// language is that of the locale, or, where none is set, of the desktop: what is
// read at a terminal there is in the person's own language.
func (p *program) language(terminal bool) language.Language {
	l, ok := language.Of(p.Getenv)
	if !ok && terminal {
		l = desktopLanguage()
	}
	return l
}

// hasUnicode reports whether more than ASCII can be shown.
func (p *program) hasUnicode(terminal bool) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(p.Getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return terminal && runtime.GOOS == "windows"
}

// hasColour reports whether a terminal is to be given colours.
func (p *program) hasColour() bool { return p.Getenv("NO_COLOR") == "" && p.Getenv("TERM") != "dumb" }

// patience is how long a person at a terminal waits without being told for what.
const patience = time.Second

// progress is one line on a terminal that says what is waited for. It appears after
// a second, is out of the way while something else is written, and gone when the
// waiting is over. Where stderr is no terminal it shows nothing, and so does a nil
// one.
type progress struct {
	stderr io.Writer
	mu     sync.Mutex
	out    io.Writer // the terminal
	timer  *time.Timer
	text   string // what is waited for, "" for nothing
	shown  bool
}

// waiting begins to wait for something. done ends it.
func (p *program) waiting(what string) (done func()) {
	p.progress.say(what)
	return p.progress.end
}

// say begins to wait for something, or changes what is waited for.
func (w *progress) say(text string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.erase()
	if w.text = text; w.shown {
		w.draw()
		return
	}
	w.start()
}

// start begins the second, if there is something to wait for. The lock is held.
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

// erase writes blanks over the line, which every terminal can.
func (w *progress) erase() {
	if w.shown {
		fmt.Fprintf(w.out, "\r%s\r", strings.Repeat(" ", printable.Columns(w.text)+len(" ...")))
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

// resume begins the second anew.
func (w *progress) resume() {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.start()
}

// end takes the line away for good.
func (w *progress) end() {
	w.pause()
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = ""
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

// terminalOf returns the terminal that a stream leads to, or nil.
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
