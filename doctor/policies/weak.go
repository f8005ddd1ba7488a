package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// relevant are the questions that a weakness must matter to, to be reported:
// this is about CodeCommit, not a general check of policies.
var relevant = []string{gitPull, gitPush, "kms:Decrypt", "kms:GenerateDataKey"}

// PlainBool looks for a Deny that sessions without MFA meet and long-term
// keys do not: Bool does not match a key that is absent
// (reference_policies_condition-keys, aws:MultiFactorAuthPresent).
func (c *Case) PlainBool() Finding {
	candidates := c.statements(policy.Deny, func(s *policy.Statement) bool {
		return slices.ContainsFunc(s.Conditions, isPlainBool)
	})
	found := c.differ(candidates, NoMFA, LongTerm, relevant)
	if len(found.statements) == 0 {
		return fine()
	}
	detail := c.explain(found.statements, scene{actions: found.actions, who: LongTerm, via: Direct})
	detail = append(detail, "A session without MFA is denied, long-term keys are not: the weaker credentials have it easier.")
	if !c.at("kms:Decrypt", LongTerm, Forwarded).denied() {
		detail = append(detail, "git works without MFA.")
	}
	return finding(detail, "write BoolIfExists for Bool, once everyone has this helper: "+configure, found.statements)
}

func isPlainBool(c *policy.Condition) bool {
	return c.Name == "Bool" && !c.IfExists && c.Set == policy.NoSet && strings.EqualFold(c.Key, keyPresent)
}

// LooseAllow looks for an Allow that is meant for MFA and takes long-term
// keys too: IfExists holds when the key is absent.
func (c *Case) LooseAllow() Finding {
	candidates := c.statements(policy.Allow, func(s *policy.Statement) bool {
		return slices.ContainsFunc(s.Conditions, func(c *policy.Condition) bool {
			return c.IfExists && strings.EqualFold(c.Key, keyPresent)
		})
	})
	found := c.differ(candidates, LongTerm, NoMFA, gitActions)
	if len(found.statements) == 0 {
		return fine()
	}
	detail := c.explain(found.statements, scene{actions: found.actions, who: LongTerm, via: Direct})
	return finding(detail, "write Bool for BoolIfExists: an Allow for MFA is to hold only when the key is there", found.statements)
}

// differ finds the statements that apply, or may, with some credentials and do
// not with others.
func (c *Case) differ(candidates []*policy.Statement, with, without Credentials, actions []string) lack {
	var l lack
	var found statementSet
	for _, action := range actions {
		var left statementSet
		sure, unsure := applying(candidates, c.request(action, with, Direct))
		left.add(slices.Concat(sure, unsure)...)
		sure, unsure = applying(candidates, c.request(action, without, Direct))
		left.remove(slices.Concat(sure, unsure)...)
		if len(left.has) > 0 {
			l.actions = append(l.actions, action)
			found.add(left.of(candidates)...)
		}
	}
	l.statements = found.of(candidates)
	return l
}

// NothingAsksForMFA says when MFA makes no difference to git at all.
func (c *Case) NothingAsksForMFA() Finding {
	for _, action := range gitActions {
		if c.at(action, LongTerm, Direct).refused() && c.at(action, MFA, Direct).refused() {
			return skipped("CodeCommit is refused anyway")
		}
	}
	for _, d := range c.Decisions() {
		if d.Via == Direct && isKMS(d.Action) {
			continue
		}
		with := c.at(d.Action, MFA, d.Via)
		if d.Outcome != with.Outcome || d.Outcome != policy.Allowed && !slices.Equal(d.Statements, with.Statements) {
			return fine()
		}
	}
	for _, weakness := range []func() Finding{c.Exempt, c.KMSExempt, c.PlainBool, c.LooseAllow} {
		if weakness().Found {
			return fine("but not where it is to be, see the warnings")
		}
	}
	detail := []string{"git gets the same answer with long-term keys and with a session with MFA: whoever has an access key has the repositories."}
	asking := c.differ(c.statements(policy.Allow, func(s *policy.Statement) bool { return ofKey(s, keyPresent, keyAge) }), MFA, LongTerm, gitActions)
	if c.AssumeAllow && len(asking.statements) > 0 {
		detail = append(detail, c.explain(asking.statements, scene{actions: asking.actions, who: LongTerm, via: Direct})...)
		detail = append(detail, "That Allow does ask for MFA. The assumed one goes around it: --assume-allow=false judges without.")
	}
	return finding(detail, "docs/policies.md has the Deny that asks for MFA", asking.statements)
}
