package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/internal/printable"
)

// Subject is one of several users or documents, with its report.
type Subject struct {
	Name string
	Report
}

// Subjects are reports on several users or documents, each judged by itself.
type Subjects struct {
	All []Subject
	// Audit is true if the question was whether MFA is forced.
	Audit           bool
	Version, Target string
	Home            Home
	Folders         []string // as in Report
}

// Summary adds up the summaries of the subjects.
func (s Subjects) Summary() Summary {
	var sum Summary
	for _, one := range s.All {
		more := one.Summary()
		sum.OK, sum.Info, sum.Warning = sum.OK+more.OK, sum.Info+more.Info, sum.Warning+more.Warning
		sum.Error, sum.Skipped = sum.Error+more.Error, sum.Skipped+more.Skipped
	}
	return sum
}

// Status returns the worst status of the subjects. Subjects with nothing to judge
// count only if there are no others.
func (s Subjects) Status() int {
	status, judged := Passed, false
	for _, one := range s.All {
		if one.passedOver() {
			continue
		}
		judged, status = true, max(status, one.Status())
	}
	if !judged {
		return NotJudged
	}
	return status
}

// passedOver reports whether the subject has nothing to judge, and no error.
func (s Subject) passedOver() bool { return s.Summary().Skipped == len(s.Results) }

// row returns a row of the table of subjects.
func (s Subject) row(audit bool) []string {
	if s.passedOver() {
		return []string{s.Name, "-", "-", "passed over"}
	}
	if len(s.Decisions) == 0 {
		return []string{s.Name, "-", "-", s.codes(Error)}
	}
	table := policies.Table(s.Decisions, false)
	worst := func(column int) string {
		word := ""
		for _, row := range table {
			if rank(row.Answers[column]) > rank(word) {
				word = row.Answers[column]
			}
		}
		return word
	}
	without := worst(0)
	if audit {
		without = map[bool]string{true: "yes", false: "no"}[s.Report.Audit.Forced]
	}
	return []string{s.Name, without, worst(len(policies.Columns) - 1), s.codes(Error, Warning)}
}

// rank orders the answers of a table; the worst has the highest rank.
func rank(answer string) int {
	return slices.Index([]string{"", "allowed", "depends", "not allowed", "denied"}, answer)
}

// heading returns the heading of the table.
func (s Subjects) heading() []string {
	if s.Audit {
		return []string{"subject", "MFA forced", "git with MFA", "found"}
	}
	return []string{"subject", "without MFA", "git with MFA", "found"}
}

// Text writes a table of the subjects, and below it each finding once, with the
// names of its subjects.
func (s Subjects) Text(w io.Writer, style Style) error {
	t := &textReport{Report: Report{Home: s.Home}, style: style}
	if s.Audit {
		t.prose("", s.verdict().In(style.Language))
		t.line("", "")
	}
	rows := [][]string{s.heading()}
	for _, one := range s.All {
		rows = append(rows, one.row(s.Audit))
	}
	t.columns(rows)
	t.line("", "")
	for _, f := range s.findings(style.Verbose) {
		t.result(f.result)
		t.prose(indent, "of "+f.who())
	}
	t.pages()
	t.line("", fmt.Sprintf("%s; %s", count(len(s.All), "subject"), s.Summary()))
	_, err := io.WriteString(w, t.out.String())
	return err
}

// verdict says for how many subjects MFA is forced, and git works.
func (s Subjects) verdict() language.Text {
	forced, works, judged := 0, 0, 0
	for _, one := range s.All {
		if a := one.Report.Audit; a != nil {
			judged++
			if a.Forced {
				forced++
			}
			if a.Works {
				works++
			}
		}
	}
	return language.Text{
		English:  fmt.Sprintf("MFA is forced for CodeCommit for %d of %s; git works with it for %d", forced, count(judged, "subject"), works),
		Japanese: fmt.Sprintf("対象 %d のうち %d で CodeCommit に MFA が強制され、%d で MFA があれば git が動きます", judged, forced, works),
	}
}

// columns writes rows in aligned columns.
func (t *textReport) columns(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], printable.Columns(t.shown(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = t.shown(cell)
			line.WriteString("  " + cell + strings.Repeat(" ", widths[i]-printable.Columns(cell)))
		}
		t.out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// sharedFinding is a result that several subjects have.
type sharedFinding struct {
	result Result
	names  []string
}

// who lists the subjects; of many only the first.
func (f *sharedFinding) who() string {
	if rest := len(f.names) - 2*maxLines; rest > 0 {
		return strings.Join(f.names[:2*maxLines], ", ") + fmt.Sprintf(" and %d more", rest)
	}
	return strings.Join(f.names, ", ")
}

// findings returns the results to show. Results of one code about the same
// statements are one finding.
func (s Subjects) findings(verbose bool) []*sharedFinding {
	var all []*sharedFinding
	known := make(map[string]*sharedFinding)
	for _, one := range s.All {
		for _, r := range one.Results {
			if r.Level != Error && r.Level != Warning && !(verbose && r.Level == Info) {
				continue
			}
			key := strings.Join(append([]string{r.Code, r.Title.English}, r.cited()...), "\n")
			if len(r.Statements) == 0 {
				key += r.Detail
			}
			if known[key] == nil {
				known[key] = &sharedFinding{result: r}
				all = append(all, known[key])
			}
			known[key].names = append(known[key].names, one.Name)
		}
	}
	return all
}
