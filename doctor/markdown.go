package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// Markdown writes the report for a ticket.
func (r Report) Markdown(w io.Writer) error {
	m := &markdown{textReport{Report: r, style: Style{Unicode: true}}}
	m.heading("git-credential-mfa doctor", r.verdict("").English, r.Version, r.Target)
	for _, group := range groups {
		for i, line := range r.Headings[group] {
			if i == 0 {
				m.paragraph(line)
			} else {
				m.bullet(line)
			}
		}
	}
	m.decisions()
	for _, result := range r.Results {
		if result.Level == Error || result.Level == Warning || result.Level == Info {
			m.finding(result, nil)
		}
	}
	m.paragraph(m.counts())
	_, err := io.WriteString(w, m.out.String())
	return err
}

// Markdown writes the table of the subjects, and what was found.
func (s Subjects) Markdown(w io.Writer) error {
	m := &markdown{textReport{Report: Report{Home: s.Home}, style: Style{Unicode: true}}}
	verdict := ""
	if s.Audit {
		verdict = s.verdict().English
	}
	m.heading("git-credential-mfa doctor", verdict, s.Version, s.Target)
	m.row(s.heading())
	m.rule(len(s.heading()))
	for _, one := range s.All {
		m.row(one.row(s.Audit))
	}
	for _, f := range s.findings(false) {
		m.finding(f.result, []string{"of " + f.who()})
	}
	m.paragraph(fmt.Sprintf("%s; %s", count(len(s.All), "subject"), s.Summary()))
	_, err := io.WriteString(w, m.out.String())
	return err
}

// markdown renders in GitHub's dialect. What comes from policies and files is
// made harmless by md.
type markdown struct{ textReport }

// md is a text that Markdown takes as it stands.
func (m *markdown) md(text string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "|", "\\|", "<", "&lt;", "[", "\\[", "#", "\\#", "~", "\\~").Replace(m.shown(text))
}

func (m *markdown) heading(title, verdict, version, target string) {
	m.out.WriteString("## " + m.md(title) + "\n\n")
	if verdict != "" {
		m.out.WriteString("**" + m.md(verdict) + "**\n\n")
	}
	for _, of := range [][2]string{{"version", version}, {"for", target}} {
		if of[1] != "" {
			m.bullet(of[0] + " " + of[1])
		}
	}
}

func (m *markdown) paragraph(text string) { m.out.WriteString("\n" + m.md(text) + "\n") }

func (m *markdown) bullet(text string) { m.out.WriteString("- " + m.md(text) + "\n") }

func (m *markdown) row(cells []string) {
	for _, cell := range cells {
		m.out.WriteString("| " + m.md(cell) + " ")
	}
	m.out.WriteString("|\n")
}

func (m *markdown) rule(columns int) { m.out.WriteString(strings.Repeat("|---", columns) + "|\n") }

// decisions is the table of who may do what.
func (m *markdown) decisions() {
	if len(m.Decisions) == 0 {
		return
	}
	m.out.WriteByte('\n')
	m.row(append([]string{""}, policies.Columns...))
	m.rule(1 + len(policies.Columns))
	for _, row := range policies.Table(m.Decisions, false) {
		m.row(append([]string{row.Title}, row.Answers...))
	}
}

func (m *markdown) finding(r Result, more []string) {
	fmt.Fprintf(&m.out, "\n### %s %s: %s\n\n", marks[r.Level].unicode, r.Code, m.md(r.Title.English))
	for i, statement := range r.cited() {
		if i == maxLines {
			m.bullet("and " + count(len(r.Statements)-i, "more statement"))
			break
		}
		m.bullet(statement)
	}
	for _, line := range append(strings.Split(r.Detail, "\n"), more...) {
		if line != "" {
			m.bullet(line)
		}
	}
	switch {
	case strings.Contains(r.Fix, "\n"):
		fence := fenceFor(r.Fix)
		m.out.WriteString("\n" + fence + "diff\n")
		m.diff(r.Fix)
		m.out.WriteString(fence + "\n")
	case r.Fix != "":
		m.bullet("fix: " + r.Fix)
	}
	m.out.WriteString("- <" + r.URL + ">\n")
}

// fenceFor is a fence that no line of the text closes.
func fenceFor(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}
