package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// relevant are the actions for which a weakness is reported. This is about
// CodeCommit, not a general check of policies.
var relevant = []string{gitPull, gitPush, "kms:Decrypt", "kms:GenerateDataKey"}

// PlainBool looks for a Deny that applies to sessions without MFA but not to
// long-term keys, because Bool does not match an absent key
// (reference_policies_condition-keys, aws:MultiFactorAuthPresent). BoolIfExists
// would match.
func (c *Case) PlainBool() Finding {
	candidates := c.statements(policy.Deny, func(s *policy.Statement) bool {
		return slices.ContainsFunc(s.Conditions, isPlainBool)
	})
	variants := c.variants(candidates, renamed("Bool", "BoolIfExists"))
	var found lack
	var weak statementSet
	for _, action := range relevant {
		if len(variants) == 0 || c.at(action, LongTerm, Direct).refused() {
			continue
		}
		bite := biting(variants, c.request(action, LongTerm, Direct))
		bite.remove(biting(variants, c.request(action, MFA, Direct)).list...)
		if more := bite.of(candidates); len(more) > 0 {
			found.actions = append(found.actions, action)
			weak.add(more...)
		}
	}
	if found.statements = weak.of(candidates); len(found.statements) == 0 {
		return fine()
	}
	detail := c.explain(found.statements, scene{actions: found.actions, who: LongTerm, via: Direct})
	detail = append(detail, c.weakness(found.actions)...)
	return finding(detail, "use BoolIfExists instead of Bool, once everyone has this helper: "+configure, found.statements)
}

// weakness says what a plain Bool leads to.
func (c *Case) weakness(actions []string) []string {
	var lines []string
	if c.at(actions[0], NoMFA, Direct).denied() {
		lines = append(lines, "A session without MFA is denied, long-term keys are not: the weaker credentials can do more.")
	}
	if c.passes(LongTerm) {
		lines = append(lines, "git works without MFA.")
	}
	return lines
}

// passes reports whether git, pushes included, is allowed for sure.
func (c *Case) passes(who Credentials) bool {
	for _, action := range gitActions {
		if c.at(action, who, Direct).Outcome != policy.Allowed {
			return false
		}
	}
	for _, action := range gitKMS {
		if c.at(action, who, Forwarded).Outcome != policy.Allowed {
			return false
		}
	}
	return true
}

func isPlainBool(c *policy.Condition) bool {
	return c.Name == "Bool" && !c.IfExists && c.Set == policy.NoSet && strings.EqualFold(c.Key, keyPresent)
}

// renamed returns the change of an operator's name, where it is applied to
// aws:MultiFactorAuthPresent.
func renamed(from, to string) change {
	return func(statement policyfile.Value) []policyfile.Edit {
		conditions, found := statement.Fold("Condition")
		if !found {
			return nil
		}
		var edits []policyfile.Edit
		for _, operator := range conditions.Items() {
			_, asks := operator.Value().Fold(keyPresent)
			if strings.EqualFold(operator.Name(), from) && asks {
				edits = append(edits, policyfile.Edit{From: operator.From, To: operator.From + len(from) + 2, With: `"` + to + `"`})
			}
		}
		return edits
	}
}

// LooseAllow looks for an Allow that is meant for MFA but lets long-term keys
// in too, because IfExists holds when the key is absent. Without IfExists
// nothing would allow them.
func (c *Case) LooseAllow() Finding {
	candidates := c.statements(policy.Allow, func(s *policy.Statement) bool {
		return slices.ContainsFunc(s.Conditions, isLoose)
	})
	variants := c.variants(candidates, renamed("BoolIfExists", "Bool"))
	if len(variants) == 0 {
		return fine()
	}
	strict := c.stackAfter(gitStack, variants)
	var found lack
	var loose statementSet
	for _, action := range gitActions {
		r := c.request(action, LongTerm, Direct)
		if c.at(action, LongTerm, Direct).refused() || !c.decide(strict, r, LongTerm, Direct).refused() {
			continue
		}
		found.actions = append(found.actions, action)
		loose.add(applying(candidates, r).list...)
	}
	if found.statements = loose.of(candidates); len(found.statements) == 0 {
		return fine()
	}
	detail := c.explain(found.statements, scene{actions: found.actions, who: LongTerm, via: Direct})
	return finding(detail, "use Bool instead of BoolIfExists: an Allow for MFA must apply only if the key is present", found.statements)
}

func isLoose(c *policy.Condition) bool { return c.IfExists && strings.EqualFold(c.Key, keyPresent) }

// NothingAsksForMFA reports that MFA makes no difference to git.
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
		if i := slices.IndexFunc(d.DependsOn, mayTellMFA); i >= 0 {
			return skipped("it depends on " + keyWords(d.DependsOn[i]) + ", see CCM304")
		}
	}
	for _, weakness := range []func() Finding{c.Exempt, c.KMSExempt, c.PlainBool, c.LooseAllow} {
		if weakness().Found {
			return fine("but not everywhere, see the warnings")
		}
	}
	detail := []string{"git gets the same answer with long-term keys and with a session with MFA"}
	if c.passes(LongTerm) {
		detail[0] += ": anyone with an access key can use the repositories."
	}
	asking := c.asksByAllow()
	if c.AssumeAllow && len(asking.statements) > 0 {
		detail = append(detail, c.explain(asking.statements, scene{actions: asking.actions, who: LongTerm, via: Direct})...)
		detail = append(detail, "This Allow requires MFA, but the assumed one bypasses it: --assume-allow=false judges without it.")
	}
	return finding(detail, "docs/policies.md has a Deny that requires MFA", asking.statements)
}

// sameWithMFA are unknown keys, and prefixes of keys, that have the same value
// with long-term keys and with a session of the same user: they describe the
// user, the network, the time, the repository or what is pushed.
var sameWithMFA = []string{
	"aws:Principal", "aws:username", "aws:userid", "aws:SourceIp", "aws:SourceVpc", "aws:VpcSourceIp", "aws:CurrentTime", "aws:EpochTime",
	"aws:UserAgent", "aws:Referer", "aws:RequestedRegion", "aws:Resource", "aws:CalledVia", keyBranch, "kms:",
}

// mayTellMFA reports whether an unknown key or operator may have another value
// in a session with MFA than with long-term keys.
func mayTellMFA(unknown string) bool {
	if unknown == policy.UnknownResource || unknown == policy.UnknownText {
		return false
	}
	return !slices.ContainsFunc(sameWithMFA, func(prefix string) bool {
		return len(unknown) >= len(prefix) && strings.EqualFold(unknown[:len(prefix)], prefix)
	})
}

// asksByAllow finds the Allows that apply with MFA and not with long-term keys.
func (c *Case) asksByAllow() lack {
	candidates := c.statements(policy.Allow, func(s *policy.Statement) bool { return ofKey(s, keyPresent, keyAge) })
	var l lack
	var found statementSet
	for _, action := range gitActions {
		left := applying(candidates, c.request(action, MFA, Direct))
		left.remove(applying(candidates, c.request(action, LongTerm, Direct)).list...)
		if more := left.of(candidates); len(more) > 0 {
			l.actions = append(l.actions, action)
			found.add(more...)
		}
	}
	l.statements = found.of(candidates)
	return l
}
