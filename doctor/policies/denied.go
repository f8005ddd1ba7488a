package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// DeniedWithoutMFA looks for the 403: long-term keys are refused where a session
// with MFA is not.
func (c *Case) DeniedWithoutMFA() Finding {
	found := c.lacksMFA(gitActions, Direct)
	if len(found.actions) == 0 {
		return fine()
	}
	detail := append(c.explainLack(found), "git shows this as HTTP 403. "+c.withMFA(found))
	return finding(detail, configure, found.statements)
}

// KMSDeniedWithoutMFA looks for the second 403: CodeCommit encrypts with KMS in
// the user's name. The call is forwarded with aws:MultiFactorAuthPresent false,
// so that even a plain Bool denies it, which lets git's own call pass.
func (c *Case) KMSDeniedWithoutMFA() Finding {
	found := c.lacksMFA(gitKMS, Forwarded)
	if len(found.actions) == 0 {
		if rest := c.lacksMFA(kmsActions, Forwarded); len(rest.actions) > 0 {
			return fine(join(rest.actions) + ": denied, which AWS's pages advise against, and git works without")
		}
		return fine()
	}
	detail := c.explainLack(found)
	if !c.at(gitPull, LongTerm, Direct).refused() {
		detail = append(detail, "CodeCommit's metadata can be read, but clone, fetch and push fail.")
	}
	return finding(append(detail, c.withMFA(found)), configure, found.statements)
}

// withMFA says how the same actions come out with MFA.
func (c *Case) withMFA(found lack) string {
	var open, lacking, on []string
	for _, action := range found.actions {
		switch d := c.at(action, MFA, found.via); d.Outcome {
		case policy.ImplicitDeny:
			lacking = append(lacking, action)
		case policy.Depends:
			open = append(open, action)
			for _, name := range keyNames(d.DependsOn) {
				if !slices.Contains(on, name) && len(on) <= maxLines {
					on = append(on, name)
				}
			}
		}
	}
	switch {
	case len(lacking) > 0:
		return "With MFA nothing denies " + some(lacking) + ", but nothing allows it either: CCM104."
	case len(open) == 0 && !c.works():
		return "With MFA nothing refuses " + some(found.actions) + "; what else keeps git out is told below."
	case len(open) == 0:
		return "A session with MFA passes, so the policy can stay as it is."
	}
	return "With MFA " + some(open) + " still hangs on " + some(on) + "."
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

// lacksMFA finds the actions that long-term keys are refused and MFA mends, and
// the statements that make the difference: the Deny that does not hold with
// MFA, or in each layer that lacks an Allow the Allow that holds with it.
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
		if without.denied() || len(without.Lacking) == 0 {
			statements.add(without.Statements...)
			continue
		}
		l.allow = true
		for _, layer := range without.Lacking {
			statements.add(c.inLayer(layer, with.Statements)...)
		}
	}
	l.statements = statements.list
	return l
}

func (c *Case) explainLack(l lack) []string {
	lines := c.explain(l.statements, scene{actions: l.actions, who: LongTerm, via: l.via})
	if l.allow {
		lines = append(lines, "No other Allow of that layer is about it, so long-term keys are refused.")
	}
	return lines
}

// DeniedWithMFA looks for what no session mends.
func (c *Case) DeniedWithMFA() Finding {
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
		return fine()
	}
	detail := c.explain(statements.list, scene{actions: actions, who: MFA, via: via})
	return finding(detail, remedy(statements.list[0]), statements.list)
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
