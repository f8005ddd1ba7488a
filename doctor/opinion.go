package doctor

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

var ccm402 = code{"CCM402", PolicyGroup, Warning, "IAM's simulator is of another opinion", "IAM's simulator is of the same opinion"}

// contradicts reports whether the simulator's answer can't be brought together
// with the decision on the same question.
func (o Opinion) contradicts(d Decision) bool {
	switch {
	case d.Outcome == policy.Depends:
		// The simulator takes what nobody told it as absent: another question.
		return false
	case o.ByOrganization && d.refused():
		return false // it stops at the organization, and does not say what else denies
	case d.Via == Forwarded:
		return d.denied() != (o.Outcome == policy.ExplicitDeny) // KMS needs no Allow
	}
	return d.Outcome != o.Outcome
}

// checkSimulator compares the decisions with those of IAM's simulator.
func checkSimulator(c *Case) []Result {
	if c.Live == nil {
		return ccm402.skip("files were judged: the simulator knows IAM's policies only")
	}
	s := c.Live.Simulator
	if len(s.Opinions) == 0 {
		return ccm402.skip(or(s.Reason, "IAM was not asked"))
	}
	var lines []string
	organization, open := false, 0
	for _, o := range s.Opinions {
		d := c.at(o.Action, o.Credentials, o.Via)
		if d.Outcome == policy.Depends {
			open++
		}
		if o.contradicts(d) {
			lines = append(lines, o.words(d))
			organization = organization || o.ByOrganization
		}
	}
	if len(lines) == 0 {
		detail := fmt.Sprintf("%d of its answers were compared", len(s.Opinions)-open)
		if open > 0 {
			detail += fmt.Sprintf(", %d depend on what is not known here", open)
		}
		return ccm402.isNot(detail)
	}
	return c.differing(lines, organization)
}

// differing says whom to believe. A refusal of the organization's that CodeCommit
// confirms is the cause of the 403.
func (c *Case) differing(lines []string, organization bool) []Result {
	if len(lines) > maxLines {
		lines = append(lines[:maxLines:maxLines], fmt.Sprintf("and %s more", count(len(lines)-maxLines, "answer")))
	}
	if !organization {
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

// words sets both answers side by side.
func (o Opinion) words(d Decision) string {
	text := fmt.Sprintf("%s, %s: %s here, %s there", o.Action, subjects[o.Credentials], answers[d.Outcome], answers[o.Outcome])
	if o.Via == Forwarded {
		text = strings.Replace(text, ",", " by way of CodeCommit,", 1)
	}
	switch {
	case o.ByOrganization:
		text += ", by the organization"
	case len(o.Policies) > 0:
		text += ", by " + list(o.Policies)
	}
	return text
}
