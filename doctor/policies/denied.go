package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// DeniedWithoutMFA looks for the cause of the 403: something refuses long-term
// keys, but not a session with MFA.
func (c *Case) DeniedWithoutMFA() Finding {
	found := c.lacksMFA(gitActions, Direct)
	if len(found.actions) == 0 {
		return fine()
	}
	detail := append(c.explainLack(found), "git shows this as HTTP 403. "+c.withMFA(found))
	return finding(detail, configure, found.statements)
}

// KMSDeniedWithoutMFA looks for the other cause of a 403: CodeCommit calls KMS
// in the user's name. That call carries aws:MultiFactorAuthPresent false, so
// that even a plain Bool denies it, although it lets git's own request pass.
func (c *Case) KMSDeniedWithoutMFA() Finding {
	found := c.lacksMFA(gitKMS, Forwarded)
	if len(found.actions) == 0 {
		if rest := c.lacksMFA(kmsActions, Forwarded); len(rest.actions) > 0 {
			return fine(join(rest.actions) + ": denied; AWS advises against that, but git works without them")
		}
		return fine()
	}
	detail := c.explainLack(found)
	if !c.at(gitPull, LongTerm, Direct).refused() {
		detail = append(detail, "CodeCommit's metadata can be read, but clone, fetch and push fail.")
	}
	return finding(append(detail, c.withMFA(found)), configure, found.statements)
}

// withMFA says what a session with MFA changes for the same actions.
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
		return "With MFA nothing denies " + some(found.actions) + "; what else stops git is listed below."
	case len(open) == 0:
		return "A session with MFA passes, so the policy can stay as it is."
	}
	return "With MFA " + some(open) + " still depends on " + some(on) + "."
}

// lack is a set of actions, and the statements for which MFA makes a difference
// to them.
type lack struct {
	actions    []string
	via        Via
	statements []*policy.Statement
	// allow is true if the statements are Allows that require MFA, not Denies.
	allow bool
}

// lacksMFA finds the actions that are refused to long-term keys and allowed
// with MFA, and the statements that make the difference: the Deny that does not
// apply with MFA, or in each layer without an Allow the one that applies with
// MFA.
func (c *Case) lacksMFA(actions []string, via Via) lack {
	l := lack{via: via}
	var statements statementSet
	for _, action := range actions {
		without, with := c.at(action, LongTerm, via), c.at(action, MFA, via)
		// Where a Deny applies, the lack of an Allow comes second.
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
		lines = append(lines, "No other Allow of that layer covers it, so long-term keys are refused.")
	}
	return lines
}

// DeniedWithMFA looks for a Deny that applies with MFA too.
func (c *Case) DeniedWithMFA() Finding {
	var actions []string
	var statements statementSet
	via := Direct
	for _, d := range c.Decisions() {
		if d.Credentials != MFA || !d.denied() || isKMS(d.Action) && (d.Via == Direct || isReEncrypt(d.Action)) {
			continue
		}
		if len(actions) > 0 && d.Via != via {
			break // git's own denial is to be fixed first
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

// remedy says what to change in a Deny that applies with MFA.
func remedy(s *policy.Statement) string {
	at := s.String()
	for _, condition := range s.Conditions {
		switch {
		case strings.EqualFold(condition.Key, keyPresent):
			return at + ": a Deny for lack of MFA asks for \"false\", as in \"BoolIfExists\": {\"" + keyPresent + "\": \"false\"}"
		case strings.EqualFold(condition.Key, keyBranch):
			return at + ": next to the branches it needs \"Null\": {\"" + keyBranch + "\": \"false\"}, or it denies every push"
		case strings.EqualFold(condition.Key, keyAge):
			return at + ": the age limit is below the five minutes that a session is judged at here; raise it to 900 seconds at least"
		}
	}
	return at + ": this Deny does not depend on MFA, so no session passes it; change it, or ask its author what it is for"
}
