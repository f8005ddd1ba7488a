package policies

import "github.com/git-credential-mfa/git-credential-mfa/policy"

// answers are the words of the table for people.
var answers = map[policy.Outcome]string{
	policy.Allowed: "allowed", policy.ImplicitDeny: "not allowed", policy.ExplicitDeny: "denied", policy.Depends: "depends",
}

// row of the table: the worst of some decisions.
type row struct {
	title string
	holds func(Decision) bool
}

var rows = []row{
	{"git fetch, clone", func(d Decision) bool { return d.Action == gitPull }},
	{"git push", func(d Decision) bool { return d.Action == gitPush }},
	{"KMS via CodeCommit", func(d Decision) bool { return isKMS(d.Action) && d.Via == Forwarded && !isReEncrypt(d.Action) }},
}

// directRow shows an exemption of KMS that is too wide.
var directRow = row{"KMS directly", func(d Decision) bool { return isKMS(d.Action) && d.Via == Direct && !isReEncrypt(d.Action) }}

// Columns are the headings of the table: who asks.
var Columns = []string{"long-term keys", "session, no MFA", "session with MFA"}

// Row is a line of the table for people: an action, and the answer for each of
// the Columns.
type Row struct {
	Title   string
	Answers []string
}

// Table sums up decisions for people; direct adds a row for calls to KMS that
// do not come from CodeCommit.
func Table(decisions []Decision, direct bool) []Row {
	shown := rows
	if direct {
		shown = append(shown[:len(shown):len(shown)], directRow)
	}
	var table []Row
	for _, r := range shown {
		line := Row{Title: r.title}
		for _, who := range allCredentials {
			line.Answers = append(line.Answers, answers[r.worst(decisions, who)])
		}
		table = append(table, line)
	}
	return table
}

func (r row) worst(decisions []Decision, who Credentials) policy.Outcome {
	d := policy.Decision{Outcome: policy.Allowed}
	for _, one := range decisions {
		if one.Credentials == who && r.holds(one) {
			d = worse(d, one.Decision)
		}
	}
	return d.Outcome
}
