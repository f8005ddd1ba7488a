package doctor

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// answers are the words of the table for people.
var answers = map[policy.Outcome]string{
	policy.Allowed: "allowed", policy.ImplicitDeny: "not allowed", policy.ExplicitDeny: "denied", policy.Depends: "depends",
}

// row of the table: some of the decisions, of which the worst is shown.
type row struct {
	title string
	holds func(Decision) bool
}

var rows = []row{
	{"git fetch, clone", func(d Decision) bool { return d.Action == gitPull }},
	{"git push", func(d Decision) bool { return d.Action == gitPush }},
	{"KMS via CodeCommit", func(d Decision) bool { return isKMS(d.Action) && d.Via == Forwarded && !isReEncrypt(d.Action) }},
}

// directRow is for those who look for an exemption that is too wide.
var directRow = row{"KMS directly", func(d Decision) bool { return isKMS(d.Action) && d.Via == Direct && !isReEncrypt(d.Action) }}

// table shows the decisions as people ask for them.
func (t *textReport) table() {
	if len(t.Decisions) == 0 {
		return
	}
	t.cells("", []string{"long-term keys", "session, no MFA", "session with MFA"})
	shown := rows
	if t.style.Verbose {
		shown = append(shown[:len(shown):len(shown)], directRow)
	}
	for _, r := range shown {
		var cells []string
		for _, who := range allCredentials {
			cells = append(cells, answers[t.worst(r, who)])
		}
		t.cells(r.title, cells)
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

func (t *textReport) worst(r row, who Credentials) policy.Outcome {
	d := policy.Decision{Outcome: policy.Allowed}
	for _, one := range t.Decisions {
		if one.Credentials == who && r.holds(one) {
			d = worse(d, one.Decision)
		}
	}
	return d.Outcome
}
