package doctor

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

// table shows the decisions as people ask for them.
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
