package policies

import (
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Audit is the answer to an administrator's question.
type Audit struct {
	// Forced says that git is refused with long-term keys and with sessions
	// without MFA, whatever is unknown.
	Forced bool `json:"forced"`
	// Works says that nothing known refuses git, or KMS for it, with MFA.
	Works bool `json:"works"`
}

// Audit asks whether MFA is forced for CodeCommit, and whether git works with
// it.
func (c *Case) Audit() Audit {
	a := Audit{Forced: !c.NotForced().Found, Works: !c.at(gitPull, MFA, Direct).refused()}
	for _, action := range gitKMS {
		a.Works = a.Works && !c.at(action, MFA, Forwarded).refused()
	}
	return a
}

// works reports whether nothing known refuses git, pushes included, with MFA.
func (c *Case) works() bool {
	return c.Audit().Works && !c.at(gitPush, MFA, Direct).refused()
}

// NotForced lists what passes without MFA, or may.
func (c *Case) NotForced() Finding {
	var detail []string
	var statements statementSet
	for _, who := range []Credentials{LongTerm, NoMFA} {
		for _, action := range gitActions {
			d := c.at(action, who, Direct)
			if d.refused() {
				continue
			}
			line := fmt.Sprintf("%s passes with %s", action, subjects[who])
			if d.Outcome == policy.Depends {
				line = fmt.Sprintf("%s may pass with %s: that depends on %s", action, subjects[who], some(keyNames(d.DependsOn)))
				statements.add(d.Statements...)
			}
			detail = append(detail, line)
		}
	}
	if len(detail) == 0 {
		return fine()
	}
	f := finding(detail, "docs/policies.md has the Deny that asks for MFA", statements.list)
	f.Title = language.Text{English: "MFA is not forced in every case", Japanese: "MFA が強制されない場合がある"}
	return f
}
