package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Style is how the text looks.
type Style struct {
	// Unicode marks need a UTF-8 locale.
	Unicode bool
	Colour  bool
	// Verbose also shows what is fine.
	Verbose bool
	// Width is the terminal's, in columns. Sentences are broken at it, commands and
	// policies never. 0 is for files and pipes: nothing is broken.
	Width int
	// Language is the language of the verdict, the titles and the labels. Details
	// are English.
	Language language.Language
}

// mark is how a level is shown: as in linkerd check, in ASCII, and the number of
// its colour.
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

// indent precedes the lines of a result, below its title.
const indent = "           "

// textReport renders a Report.
type textReport struct {
	Report
	style Style
	out   strings.Builder
	// shortened is true if the address of a page was too wide for the terminal.
	shortened bool
}

// Text writes the report for people: what is wrong, or with Style.Verbose
// everything.
func (r Report) Text(w io.Writer, style Style) error {
	t := &textReport{Report: r, style: style}
	t.prose("", t.verdict(t.about()).In(style.Language))
	t.out.WriteByte('\n')
	for _, group := range groups {
		t.group(group)
	}
	t.table()
	t.pages()
	t.line("", t.counts())
	_, err := io.WriteString(w, t.out.String())
	return err
}

// Block writes a report's text as a block of Markdown, to paste into an issue.
func Block(w io.Writer, report interface{ Text(io.Writer, Style) error }, style Style) error {
	var text strings.Builder
	style.Colour, style.Width, style.Language = false, 0, language.English
	if err := report.Text(&text, style); err != nil {
		return err
	}
	fence := "```"
	for strings.Contains(text.String(), fence) { // a policy may contain one
		fence += "`"
	}
	_, err := fmt.Fprintf(w, "%stext\n%s%s\n", fence, text.String(), fence)
	return err
}

// line writes one line. Text from policies and file names must go through line or
// prose.
func (t *textReport) line(indent, text string) {
	t.out.WriteString(strings.TrimRight(indent+t.shown(text), " ") + "\n")
}

// prose writes sentences, broken at the terminal's width.
func (t *textReport) prose(indent, text string) {
	for _, line := range printable.Wrap(t.shown(text), t.style.Width-len(indent)) {
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
		t.prose(strings.Repeat("  ", min(shown, 1)), line)
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
	t.title(r)
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
	t.see(r)
}

// see writes the address of the page that explains a result. If it is wider than
// the terminal, pages writes it once, at the end.
func (t *textReport) see(r Result) {
	whole := language.Text{English: "see " + r.URL, Japanese: "詳細: " + strings.Replace(r.URL, manual, japaneseManual, 1)}
	if t.style.Width == 0 || len(indent)+printable.Columns(t.in(whole)) <= t.style.Width {
		t.line(indent, t.in(whole))
		return
	}
	page := "doctor.md#" + strings.ToLower(r.Code)
	t.line(indent, t.in(language.Text{English: "see " + page, Japanese: "詳細: " + page}))
	t.shortened = true
}

// pages writes where the pages are, if an address was too wide.
func (t *textReport) pages() {
	if t.shortened {
		t.line("", "doctor.md:")
		t.line("  ", t.in(language.Text{English: folder, Japanese: folder + "/ja"}))
	}
}

// in returns a text in the reader's language.
func (t *textReport) in(text language.Text) string { return text.In(t.style.Language) }

// title writes the title of a result after its code. A title that is wider than the
// terminal continues on the next line.
func (t *textReport) title(r Result) {
	lines := printable.Wrap(t.shown(t.in(r.Title)), t.style.Width-len(indent))
	t.out.WriteString(strings.TrimRight(lines[0], " ") + "\n")
	for _, line := range lines[1:] {
		t.out.WriteString(indent + strings.TrimLeft(line, " ") + "\n")
	}
}

// brief reports whether only the title and the fix are shown, for a result that
// needs no action.
func (t *textReport) brief(r Result) bool { return t.Live && !t.style.Verbose && r.lowered() }

func (t *textReport) lines(text string) {
	if text == "" {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		t.prose(indent, line)
	}
}

// diffLabel says how a diff is applied. One that names no file shows a document
// which no file holds in that form.
func diffLabel(diff string) language.Text {
	if strings.Contains("\n"+diff, "\n--- a/") {
		return language.Text{English: "Fix: this change, for git apply or patch -p1:", Japanese: "対処: 次の変更 (git apply または patch -p1 で適用):"}
	}
	return language.Text{English: "Fix: this change to the document, by hand:", Japanese: "対処: ポリシー文書への次の変更 (手作業で反映):"}
}

var fixLabel = language.Text{English: "Fix:", Japanese: "対処:"}

func (t *textReport) fix(fix string) {
	switch {
	case fix == "":
	case strings.Contains(fix, "\n@@ "):
		t.line(indent, t.in(diffLabel(fix)))
		t.diff(fix)
	case strings.Contains(fix, "\n"):
		t.line(indent, t.in(fixLabel))
		for _, line := range strings.Split(strings.TrimSuffix(fix, "\n"), "\n") {
			t.line(indent+"  ", line)
		}
	default:
		t.line(indent, t.in(fixLabel)+" "+fix)
	}
}

// diff writes a unified diff unchanged, from the first column and with its carriage
// returns, so that git apply and patch accept the whole report.
func (t *textReport) diff(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		end := ""
		if strings.HasSuffix(line, "\r") {
			line, end = strings.TrimSuffix(line, "\r"), "\r"
		}
		if hidden := t.conceal(line); hidden != line { // then it does not apply
			line = t.shown(line)
		}
		t.out.WriteString(printable.Line(line) + end + "\n")
	}
}

// counts returns the last line.
func (t *textReport) counts() string {
	s := t.Summary()
	text := language.Text{
		English:  fmt.Sprintf("%s, %d info; %d ok, %d skipped", s, s.Info, s.OK, s.Skipped),
		Japanese: fmt.Sprintf("エラー %d、警告 %d、情報 %d、問題なし %d、未実施 %d", s.Error, s.Warning, s.Info, s.OK, s.Skipped),
	}
	if slices.ContainsFunc(t.Results, t.brief) {
		text = text.And(language.Text{English: "; --verbose says more", Japanese: "。--verbose でさらに表示"})
	}
	return t.in(text)
}

// oneLine replaces line breaks by spaces.
func oneLine(text string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
}

// table writes the decisions: what is allowed with which credentials.
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

// maxLines bounds lists in texts for people. JSON has all statements.
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
