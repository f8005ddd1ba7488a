package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// relevant are the questions that a weakness must matter to, to be reported:
// this is about CodeCommit, not a general check of policies.
var relevant = []string{gitPull, gitPush, "kms:Decrypt", "kms:GenerateDataKey"}

// PlainBool looks for a Deny that sessions without MFA meet and long-term
// keys do not: Bool does not match a key that is absent
// (reference_policies_condition-keys, aws:MultiFactorAuthPresent). With
// BoolIfExists in its place it would deny them.
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
	return finding(detail, "write BoolIfExists for Bool, once everyone has this helper: "+configure, found.statements)
}

// weakness says what a plain Bool comes to.
func (c *Case) weakness(actions []string) []string {
	var lines []string
	if c.at(actions[0], NoMFA, Direct).denied() {
		lines = append(lines, "A session without MFA is denied, long-term keys are not: the weaker credentials may do more.")
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

// renamed is the change of an operator's name, where aws:MultiFactorAuthPresent
// stands under it.
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

// LooseAllow looks for an Allow that is meant for MFA and takes long-term
// keys too: IfExists holds when the key is absent. Without IfExists nothing
// would let them in.
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
		sure, unsure := policy.Applying(candidates, r)
		loose.add(sure...)
		loose.add(unsure...)
	}
	if found.statements = loose.of(candidates); len(found.statements) == 0 {
		return fine()
	}
	detail := c.explain(found.statements, scene{actions: found.actions, who: LongTerm, via: Direct})
	return finding(detail, "write Bool for BoolIfExists: an Allow for MFA is to hold only when the key is there", found.statements)
}

func isLoose(c *policy.Condition) bool { return c.IfExists && strings.EqualFold(c.Key, keyPresent) }

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
		if i := slices.IndexFunc(d.DependsOn, mayTellMFA); i >= 0 {
			return skipped("it depends on " + keyWords(d.DependsOn[i]) + ", see CCM304")
		}
	}
	for _, weakness := range []func() Finding{c.Exempt, c.KMSExempt, c.PlainBool, c.LooseAllow} {
		if weakness().Found {
			return fine("but not where it is to be, see the warnings")
		}
	}
	detail := []string{"git gets the same answer with long-term keys and with a session with MFA"}
	if c.passes(LongTerm) {
		detail[0] += ": whoever has an access key has the repositories."
	}
	asking := c.asksByAllow()
	if c.AssumeAllow && len(asking.statements) > 0 {
		detail = append(detail, c.explain(asking.statements, scene{actions: asking.actions, who: LongTerm, via: Direct})...)
		detail = append(detail, "That Allow does ask for MFA. The assumed one goes around it: --assume-allow=false judges without.")
	}
	return finding(detail, "docs/policies.md has the Deny that asks for MFA", asking.statements)
}

// sameWithMFA are unknown keys, and prefixes of keys, whose value is the same
// for long-term keys and for a session of the same user: they describe the
// user, the network, the time, the repository or what is pushed.
var sameWithMFA = []string{
	"aws:Principal", "aws:username", "aws:userid", "aws:SourceIp", "aws:SourceVpc", "aws:VpcSourceIp", "aws:CurrentTime", "aws:EpochTime",
	"aws:UserAgent", "aws:Referer", "aws:RequestedRegion", "aws:Resource", "aws:CalledVia", keyBranch, "kms:",
}

// mayTellMFA reports whether an unknown thing may itself tell a session with
// MFA from long-term keys: a key that we do not know, or an unknown operator.
func mayTellMFA(unknown string) bool {
	if unknown == policy.UnknownResource || unknown == policy.UnknownText {
		return false
	}
	return !slices.ContainsFunc(sameWithMFA, func(prefix string) bool {
		return len(unknown) >= len(prefix) && strings.EqualFold(unknown[:len(prefix)], prefix)
	})
}

// asksByAllow finds the Allows that hold with MFA and not with long-term keys.
func (c *Case) asksByAllow() lack {
	candidates := c.statements(policy.Allow, func(s *policy.Statement) bool { return ofKey(s, keyPresent, keyAge) })
	var l lack
	var found statementSet
	for _, action := range gitActions {
		var left statementSet
		sure, unsure := policy.Applying(candidates, c.request(action, MFA, Direct))
		left.add(sure...)
		left.add(unsure...)
		sure, unsure = policy.Applying(candidates, c.request(action, LongTerm, Direct))
		left.remove(slices.Concat(sure, unsure)...)
		if more := left.of(candidates); len(more) > 0 {
			l.actions = append(l.actions, action)
			found.add(more...)
		}
	}
	l.statements = found.of(candidates)
	return l
}
