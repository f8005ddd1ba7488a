package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// otherAction is one that no policy names. What a NotAction does to it, it would
// do to git's actions were they not in its list.
const otherAction = "other-service:OtherAction"

// Exempt looks for the popular work-around: a Deny that asks for MFA for
// all the rest, with CodeCommit taken out of it.
func (c *Case) Exempt() Finding {
	found := c.exempted(gitActions)
	if len(found.actions) == 0 {
		return fine()
	}
	detail := exceptions(found, "codecommit")
	detail = append(detail, "Whoever has an access key, an HTTPS Git credential or an SSH key has the repositories, without MFA.",
		"With this helper the exemption is not needed: "+configure+", then take it out.")
	patch := c.withoutExemption(found.statements, "codecommit", "kms")
	return finding(detail, patch, found.statements)
}

// KMSExempt looks for what the work-around gives away beside it: KMS's
// actions without MFA on every key, not only in calls that CodeCommit makes.
func (c *Case) KMSExempt() Finding {
	found := c.exempted(kmsActions)
	if len(found.actions) == 0 {
		return fine()
	}
	detail := exceptions(found, "kms")
	detail = append(detail, "That is for every key that the user may use, not only when CodeCommit calls.",
		"With this helper the exemption is not needed: "+configure+", then take it out.")
	fix := "the change under CCM201 takes it out too"
	// Both come from the same function, so that the one patch names both.
	if len(c.exempted(gitActions).actions) == 0 {
		fix = c.withoutExemption(found.statements, "kms")
	}
	return finding(detail, fix, found.statements)
}

// exempted finds the actions that pass without MFA because a Deny, which asks
// for MFA for the rest, leaves them out.
func (c *Case) exempted(actions []string) lack {
	candidates := c.statements(policy.Deny, func(s *policy.Statement) bool {
		return len(s.NotActions) > 0 || len(s.NotResources) > 0
	})
	var l lack
	var found statementSet
	for _, action := range actions {
		if d := c.at(action, LongTerm, Direct); d.Can(policy.ExplicitDeny) {
			continue
		}
		leaving := slices.DeleteFunc(slices.Clone(candidates), func(s *policy.Statement) bool { return !leavesOut(s, action) })
		if asking := c.asking(leaving, action); len(asking) > 0 {
			l.actions = append(l.actions, action)
			found.add(asking...)
		}
	}
	l.statements = found.of(candidates)
	return l
}

// leavesOut reports whether a Deny is about other actions and not about this
// one, or about it elsewhere only.
func leavesOut(s *policy.Statement, action string) bool {
	if !s.Covers(otherAction) {
		return false
	}
	return !s.Covers(action) || len(s.NotResources) > 0
}

// asking finds the statements that ask for MFA where they do not leave the
// action out: on the same resource for a NotAction, on another for a
// NotResource.
func (c *Case) asking(candidates []*policy.Statement, action string) []*policy.Statement {
	var picked statementSet
	for _, who := range []Credentials{LongTerm, NoMFA, MFA} {
		same := c.request(action, who, Direct)
		other := same
		other.Action, other.Resource = otherAction, "arn:aws:other-service:::resource"
		same.Action = otherAction
		for _, r := range []policy.Request{same, other} {
			sure, unsure := applying(candidates, r)
			for _, s := range slices.Concat(sure, unsure) {
				if r.Resource == other.Resource && (len(s.NotResources) == 0 || !s.Covers(action)) {
					continue
				}
				// The credentials come in this order: MFA takes away again.
				if picked.add(s); who == MFA {
					picked.remove(s)
				}
			}
		}
	}
	return picked.of(candidates)
}

// exceptions says what takes a service out of the statements.
func exceptions(l lack, service string) []string {
	var lines []string
	for i, s := range l.statements {
		if i == maxLines {
			return append(lines, "and more")
		}
		line, what := "Deny, ", some(l.actions)
		if names := matching(s.NotActions, l.actions); len(names) > 0 {
			if slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(l.actions))) {
				what = "them"
			}
			line += "NotAction lists " + some(names)
		} else {
			named := slices.DeleteFunc(slices.Clone(s.NotResources), func(r string) bool { return serviceOf(r) != service })
			line += "NotResource lists " + some(named)
		}
		lines = append(lines, line+": MFA is asked for all the rest, not for "+what)
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, keyVia) {
				lines = append(lines, condensed(c)+": nor for what CodeCommit calls")
			}
		}
	}
	return lines
}

// serviceOf is the service that an ARN or an action names.
func serviceOf(text string) string {
	if rest, isARN := strings.CutPrefix(text, "arn:"); isARN {
		_, text, _ = strings.Cut(rest, ":")
	}
	service, _, _ := strings.Cut(text, ":")
	return strings.ToLower(service)
}
