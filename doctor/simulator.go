package doctor

import (
	"cmp"
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
)

var ccm402 = code{"CCM402", PolicyGroup, Warning, "IAM's simulator is of another opinion", "IAM's simulator is of the same opinion"}

// checkSimulator compares the decisions with those of IAM's simulator.
func checkSimulator(c *Case) []Result {
	if c.Live == nil {
		return ccm402.skip("files were judged: the simulator knows IAM's policies only")
	}
	s := c.Live.Simulator
	if len(s.Results) == 0 {
		return ccm402.skip(cmp.Or(s.Reason, "IAM was not asked"))
	}
	compared := c.Compare(s.Results)
	if len(compared.Differences) > 0 {
		return c.differing(compared)
	}
	detail := fmt.Sprintf("%d of its answers were compared", len(s.Results)-compared.Open)
	if compared.Open > 0 {
		detail += fmt.Sprintf(", %d depend on what is not known here", compared.Open)
	}
	return ccm402.isNot(detail)
}

// differing says whom to believe. A refusal of the organization's that CodeCommit
// confirms is the cause of the 403.
func (c *Case) differing(compared policies.Comparison) []Result {
	lines := compared.Differences
	if len(lines) > maxLines {
		lines = append(lines[:maxLines:maxLines], fmt.Sprintf("and %s more", count(len(lines)-maxLines, "answer")))
	}
	if !compared.ByOrganization {
		lines = append(lines, "a change of IAM's takes a minute to arrive; if it stays so, believe IAM, and please report the statement")
		return ccm402.is(lines, "git-credential-mfa doctor", nil)
	}
	lines = append(lines, "A service control policy of the organization does not allow it. Nobody can read those from a member account.")
	r := ccm402.is(lines, "ask those who look after the AWS organization; with the document, doctor --policy FILE --scp FILE names the statement", nil)
	if c.Live.Network.Session.refused() {
		r[0].Level = Error
	}
	return r
}
