package policies

import (
	"fmt"

	"github.com/git-credential-mfa/git-credential-mfa/internal/language"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Audit says whether MFA is forced for CodeCommit, and whether git works with
// it.
type Audit struct {
	// Forced is true if git is refused with long-term keys and with sessions
	// without MFA, whatever the unknown keys are.
	Forced bool `json:"forced"`
	// Works is true if nothing surely refuses fetches with MFA, or the calls of
	// KMS that go with them.
	Works bool `json:"works"`
}

// Audit answers an administrator's two questions.
func (c *Case) Audit() Audit {
	a := Audit{Forced: !c.NotForced().Found, Works: !c.at(gitPull, MFA, Direct).refused()}
	for _, action := range gitKMS {
		a.Works = a.Works && !c.at(action, MFA, Forwarded).refused()
	}
	return a
}

// works reports whether nothing surely refuses git with MFA, pushes included.
func (c *Case) works() bool {
	return c.Audit().Works && !c.at(gitPush, MFA, Direct).refused()
}

// NotForced lists the requests of git that pass without MFA, or may.
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
	f := finding(detail, "docs/policies.md has a Deny that requires MFA", statements.list)
	f.Title = language.Text{English: "MFA is not forced in every case", Japanese: "MFA が強制されない場合がある"}
	return f
}
