package doctor

import (
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// configure is what mends a denial for lack of MFA.
const configure = "git-credential-mfa configure"

// checkDenied looks for the 403: long-term keys are refused where a session with
// MFA is not.
func checkDenied(c *Case) []Result {
	found := c.lacksMFA(gitActions, Direct)
	if len(found.actions) == 0 {
		return ccm101.isNot()
	}
	detail := c.explainLack(found)
	switch d := c.at(found.actions[0], MFA, Direct); d.Outcome {
	case policy.Allowed:
		detail = append(detail, "git shows this as HTTP 403. A session with MFA passes, so the policy can stay as it is.")
	case policy.ImplicitDeny:
		detail = append(detail, "git shows this as HTTP 403. With MFA nothing denies it, but nothing allows it either: CCM104.")
	default:
		detail = append(detail, "git shows this as HTTP 403. With MFA it depends on "+list(d.DependsOn)+".")
	}
	return c.met(ccm101.is(detail, configure, found.statements))
}

// checkKMSDenied looks for the second 403: CodeCommit encrypts with KMS in the
// user's name. The call is forwarded with aws:MultiFactorAuthPresent false, so
// that even a plain Bool denies it, which lets git's own call pass.
func checkKMSDenied(c *Case) []Result {
	found := c.lacksMFA(gitKMS, Forwarded)
	if len(found.actions) == 0 {
		if rest := c.lacksMFA(kmsActions, Forwarded); len(rest.actions) > 0 {
			return ccm102.isNot(list(rest.actions) + ": denied, which AWS's pages advise against, and git works without")
		}
		return ccm102.isNot()
	}
	detail := c.explainLack(found)
	if !c.at(gitPull, LongTerm, Direct).denied() {
		detail = append(detail, "CodeCommit's metadata can be read, but clone, fetch and push fail.")
	}
	detail = append(detail, "A session with MFA passes, so the policy can stay as it is.")
	return c.met(ccm102.is(detail, configure, found.statements))
}

// met turns an error into information when MFA is asked for, and met.
func (c *Case) met(results []Result) []Result {
	if !c.Met {
		return results
	}
	for i := range results {
		results[i].Level, results[i].Fix = Info, ""
		results[i].Title += "; the session has it"
		results[i].Detail += "\ngit's list has this helper, which has a session with MFA: MFA is asked for, and met."
	}
	return results
}

// lack is what is refused without MFA only.
type lack struct {
	actions    []string
	via        Via
	statements []*policy.Statement
	// allow is true when the statements are an Allow that asks for MFA, not a
	// Deny.
	allow bool
}

// lacksMFA finds the actions that long-term keys are refused and MFA mends.
func (c *Case) lacksMFA(actions []string, via Via) lack {
	l := lack{via: via}
	var statements statementSet
	for _, action := range actions {
		without, with := c.at(action, LongTerm, via), c.at(action, MFA, via)
		// An explicit deny comes before the lack of an Allow, and is met first.
		if !without.refused() || with.denied() || !without.denied() && with.refused() {
			continue
		}
		l.actions = append(l.actions, action)
		if without.denied() {
			statements.add(without.Statements...)
		} else {
			l.allow = true
			statements.add(with.Statements...)
		}
	}
	l.statements = statements.list
	return l
}

func (c *Case) explainLack(l lack) []string {
	lines := c.explain(l.statements, scene{actions: l.actions, who: LongTerm, via: l.via})
	if l.allow {
		lines = append(lines, "No other Allow is about it, so long-term keys are refused.")
	}
	return lines
}

// checkDeniedWithMFA looks for what no session mends.
func checkDeniedWithMFA(c *Case) []Result {
	var actions []string
	var statements statementSet
	via := Direct
	for _, d := range c.Decisions() {
		if d.Credentials != MFA || !d.denied() || isKMS(d.Action) && (d.Via == Direct || isReEncrypt(d.Action)) {
			continue
		}
		if len(actions) > 0 && d.Via != via {
			break // the denial of git itself is the one to mend first
		}
		via, actions = d.Via, append(actions, d.Action)
		statements.add(d.Statements...)
	}
	if len(actions) == 0 {
		return ccm103.isNot()
	}
	detail := c.explain(statements.list, scene{actions: actions, who: MFA, via: via})
	return ccm103.is(detail, remedy(statements.list[0]), statements.list)
}

// remedy says what is to be changed in a Deny that bites with MFA.
func remedy(s *policy.Statement) string {
	at := s.String()
	for _, condition := range s.Conditions {
		switch {
		case strings.EqualFold(condition.Key, keyPresent):
			return at + ": a Deny for lack of MFA asks for \"false\", as in \"BoolIfExists\": {\"" + keyPresent + "\": \"false\"}"
		case strings.EqualFold(condition.Key, keyBranch):
			return at + ": beside the branches it needs \"Null\": {\"" + keyBranch + "\": \"false\"}, or it denies every push"
		case strings.EqualFold(condition.Key, keyAge):
			return at + ": the age limit is below the five minutes that a session is judged at here; raise it to 900 seconds at least"
		}
	}
	return at + ": this Deny does not ask for MFA, so no session passes it; change it, or ask who wrote it what it is for"
}
