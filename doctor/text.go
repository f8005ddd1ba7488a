package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Style is how the text looks.
type Style struct {
	// Unicode marks need a UTF-8 locale.
	Unicode bool
	Colour  bool
	// Verbose shows what is well, too.
	Verbose bool
	// Width is the terminal's, in columns: sentences are broken between words
	// there, commands and policies never. 0 is for files and pipes, where
	// nothing is broken.
	Width int
}

// mark of a level: linkerd's, an ASCII one, and the colour's number.
type mark struct {
	unicode, ascii string
	colour         int
}

var marks = map[Level]mark{
	OK: {"√", "+", 32}, Info: {"i", "i", 36}, Warning: {"‼", "!", 33}, Error: {"×", "x", 31}, Skipped: {"-", "-", 90},
}

func (s Style) mark(level Level) string {
	m := marks[level]
	text := m.ascii
	if s.Unicode {
		text = m.unicode
	}
	if s.Colour {
		text = fmt.Sprintf("\x1b[%dm%s\x1b[0m", m.colour, text)
	}
	return text
}

// indent is where the text of a result begins: after mark and code.
const indent = "           "

// textReport renders a Report.
type textReport struct {
	Report
	style Style
	out   strings.Builder
}

// Text writes the report for people: what is wrong, or with Style.Verbose all.
func (r Report) Text(w io.Writer, style Style) error {
	t := &textReport{Report: r, style: style}
	t.prose("", t.verdict(t.about()))
	t.out.WriteByte('\n')
	for _, group := range groups {
		t.group(group)
	}
	t.table()
	t.line("", t.counts())
	_, err := io.WriteString(w, t.out.String())
	return err
}

// Block writes a report's text as a block of Markdown, to be pasted into an issue.
func Block(w io.Writer, report interface{ Text(io.Writer, Style) error }, style Style) error {
	var text strings.Builder
	style.Colour, style.Width = false, 0
	if err := report.Text(&text, style); err != nil {
		return err
	}
	fence := "```"
	for strings.Contains(text.String(), fence) { // a policy may hold one
		fence += "`"
	}
	_, err := fmt.Fprintf(w, "%stext\n%s%s\n", fence, text.String(), fence)
	return err
}

// line writes one line. What comes from policies and file names goes through
// here, or through prose.
func (t *textReport) line(indent, text string) {
	t.out.WriteString(strings.TrimRight(indent+t.shown(text), " ") + "\n")
}

// prose writes sentences, broken for the terminal's width.
func (t *textReport) prose(indent, text string) {
	for _, line := range wrapped(t.shown(text), t.style.Width-len(indent)) {
		t.out.WriteString(strings.TrimRight(indent+line, " ") + "\n")
	}
}

func (t *textReport) shown(text string) string {
	text = printable.Line(oneLine(t.conceal(text)))
	if !t.style.Unicode {
		text = strings.ReplaceAll(text, "…", "...")
	}
	return text
}

func (t *textReport) group(group Group) {
	shown := 0
	for _, line := range t.Headings[group] {
		t.line(strings.Repeat("  ", min(shown, 1)), line)
		shown++
	}
	for _, r := range t.Results {
		visible := t.style.Verbose || r.Level == Error || r.Level == Warning || r.Level == Info
		if r.Group == group && visible && (t.style.Verbose || !t.folded(r)) {
			t.result(r)
			shown++
		}
	}
	if shown > 0 {
		t.out.WriteByte('\n')
	}
}

func (t *textReport) result(r Result) {
	t.out.WriteString(t.style.mark(r.Level) + "  " + r.Code + "  ")
	t.line("", r.Title)
	if t.brief(r) {
		t.fix(r.Fix)
		return
	}
	if r.Level == OK || r.Level == Skipped {
		t.lines(r.Detail)
		return
	}
	for i, statement := range r.cited() {
		if i == maxLines {
			t.prose(indent, fmt.Sprintf("and %s more", count(len(r.Statements)-i, "statement")))
			break
		}
		t.prose(indent, statement)
	}
	t.lines(r.Detail)
	if !t.style.Verbose {
		t.lines(t.alsoDenied(r))
	}
	t.fix(r.Fix)
	t.line(indent, "see "+r.URL)
}

// brief reports whether the title and the fix are enough, as for a result that needs
// no action.
func (t *textReport) brief(r Result) bool { return t.Live && !t.style.Verbose && r.lowered() }

func (t *textReport) lines(text string) {
	if text == "" {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		t.prose(indent, line)
	}
}

func (t *textReport) fix(fix string) {
	switch {
	case fix == "":
	case strings.Contains(fix, "\n@@ "):
		t.line(indent, "Fix: this change, for git apply or patch -p1:")
		t.diff(fix)
	case strings.Contains(fix, "\n"):
		t.line(indent, "Fix:")
		for _, line := range strings.Split(strings.TrimSuffix(fix, "\n"), "\n") {
			t.line(indent+"  ", line)
		}
	default:
		t.line(indent, "Fix: "+fix)
	}
}

// diff writes a unified diff as it stands, from the first column on and with
// its carriage returns: git apply and patch take the whole report.
func (t *textReport) diff(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		end := ""
		if strings.HasSuffix(line, "\r") {
			line, end = strings.TrimSuffix(line, "\r"), "\r"
		}
		if hidden := t.conceal(line); hidden != line { // then it applies nowhere
			line = t.shown(line)
		}
		t.out.WriteString(printable.Line(line) + end + "\n")
	}
}

// counts is the last line.
func (t *textReport) counts() string {
	s := t.Summary()
	text := fmt.Sprintf("%s, %d info; %d ok, %d skipped", s, s.Info, s.OK, s.Skipped)
	if slices.ContainsFunc(t.Results, t.brief) {
		text += "; --verbose says more"
	}
	return text
}

// oneLine replaces line breaks by spaces.
func oneLine(text string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
}

// table prints the decisions as a table of who may do what.
func (t *textReport) table() {
	if len(t.Decisions) == 0 {
		return
	}
	t.cells("", policies.Columns)
	for _, row := range policies.Table(t.Decisions, t.style.Verbose) {
		t.cells(row.Title, row.Answers)
	}
	t.out.WriteByte('\n')
}

func (t *textReport) cells(title string, cells []string) {
	line := fmt.Sprintf("  %-20s", title)
	for _, cell := range cells {
		line += fmt.Sprintf("  %-16s", cell)
	}
	t.out.WriteString(strings.TrimRight(line, " ") + "\n")
}

// narrowest is the width below which a column of words is harder to read than
// lines that the terminal breaks itself.
const narrowest = 40

// wrapped breaks text between words into lines of at most width columns, the
// later ones indented by two. A word that is longer stays whole, since it is
// a path or a name to copy; a line that is indented already is a table's or
// a document's and stays as it is.
func wrapped(text string, width int) []string {
	if width < narrowest || strings.HasPrefix(text, " ") {
		return []string{text}
	}
	var lines []string
	line, columns := "", 0
	for i, word := range strings.Split(text, " ") {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			line, columns = word, length
		case columns+1+length > width:
			lines = append(lines, line)
			line, columns = "  "+word, 2+length
		default:
			line, columns = line+" "+word, columns+1+length
		}
	}
	return append(lines, line)
}

// maxLines bounds lists in texts for people. The JSON's statements are all
// there.
const maxLines = 5

// count returns a number with its noun: "1 file", "2 files".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// roughly returns a duration in words, in its largest fitting unit.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.0f hours", d.Hours())
	case d >= 2*time.Minute:
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	}
	return fmt.Sprintf("%.0f seconds", d.Seconds())
}
