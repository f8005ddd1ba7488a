package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Exempt looks for the popular work-around: a Deny that requires MFA for
// everything but CodeCommit.
func (c *Case) Exempt() Finding {
	found := c.exempted(gitActions, "codecommit")
	if len(found.actions) == 0 {
		return fine()
	}
	detail := append(exceptions(found, "codecommit"), c.givesUp(found)...)
	detail = append(detail, unneeded)
	fixes := []func(*Case) Finding{(*Case).Exempt, (*Case).KMSExempt}
	return finding(detail, c.withoutExemption(found.statements, fixes, "codecommit", "kms"), found.statements)
}

// unneeded says how to do without the exemption.
const unneeded = "This helper makes the exemption unnecessary: run " + configure + ", then remove it."

// givesUp says what the exemption gives to anyone with the access key: all that
// git needs, or a part of it.
func (c *Case) givesUp(found lack) []string {
	const anyone = "Anyone with an access key, an HTTPS Git credential or an SSH key "
	passes := anyone + "passes " + join(found.actions) + " without MFA."
	var refused, open []string
	for _, action := range gitKMS {
		switch d := c.at(action, LongTerm, Forwarded); {
		case d.refused():
			refused = append(refused, action)
		case d.Outcome == policy.Depends:
			open = append(open, action)
		}
	}
	switch {
	case len(refused) > 0:
		return []string{passes, "git still fails, because KMS is denied when CodeCommit calls it: " + some(refused) + "."}
	case len(open) > 0:
		return []string{passes, "Whether git works depends on KMS: CCM304."}
	case slices.Equal(found.actions, []string{gitPull}):
		return []string{anyone + "can fetch from the repositories without MFA."}
	case slices.Equal(found.actions, []string{gitPush}):
		return []string{passes}
	}
	return []string{anyone + "can use the repositories without MFA."}
}

// KMSExempt looks for what the work-around gives up besides: KMS's actions
// without MFA on every key, not only in calls that CodeCommit makes.
func (c *Case) KMSExempt() Finding {
	found := c.exempted(kmsActions, "kms")
	if len(found.actions) == 0 {
		return fine()
	}
	detail := exceptions(found, "kms")
	detail = append(detail, "This applies to every key that the user may use, not only to calls made by CodeCommit.", unneeded)
	fix := "the change under CCM201 removes this too"
	// Where both findings cite the same statements, the patch for CCM201 removes
	// both exceptions.
	if git := c.exempted(gitActions, "codecommit"); len(git.actions) == 0 || !slices.Equal(git.statements, found.statements) {
		fix = c.withoutExemption(found.statements, []func(*Case) Finding{(*Case).KMSExempt}, "kms")
	}
	return finding(detail, fix, found.statements)
}

// exempted finds the actions that pass without MFA because a Deny that requires
// MFA excepts them. Without the exception it would deny them to long-term keys
// or to sessions without MFA, but not to sessions with MFA.
func (c *Case) exempted(actions []string, service string) lack {
	candidates := c.statements(policy.Deny, func(s *policy.Statement) bool {
		return len(s.NotActions) > 0 || len(s.NotResources) > 0
	})
	variants := c.variants(candidates, takeOut(service))
	var l lack
	var found statementSet
	for _, action := range actions {
		if len(variants) == 0 || !c.passesWithoutMFA(action) {
			continue
		}
		var asking statementSet
		for _, who := range []Credentials{LongTerm, NoMFA} {
			asking.add(biting(variants, c.request(action, who, Direct)).list...)
		}
		asking.remove(biting(variants, c.request(action, MFA, Direct)).list...) // mutation: an exemption hangs on what asks for MFA
		if more := asking.of(candidates); len(more) > 0 {
			l.actions = append(l.actions, action)
			found.add(more...)
		}
	}
	l.statements = found.of(candidates)
	return l
}

// passesWithoutMFA reports whether both kinds of credentials without MFA pass.
// A Deny that may apply to them counts only if it does not apply with MFA.
func (c *Case) passesWithoutMFA(action string) bool {
	var withMFA statementSet
	withMFA.add(c.at(action, MFA, Direct).Statements...)
	for _, who := range []Credentials{LongTerm, NoMFA} {
		d := c.at(action, who, Direct)
		if d.refused() || d.Can(policy.ExplicitDeny) && slices.ContainsFunc(d.Statements, func(s *policy.Statement) bool {
			return s.Effect == policy.Deny && !withMFA.has[s]
		}) {
			return false
		}
	}
	return true
}

// exceptions says which parts of the statements except a service.
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
		lines = append(lines, line+": MFA is required for everything else, not for "+what)
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, keyVia) && service == "codecommit" {
				lines = append(lines, condensed(c)+": nor for calls made by "+exceptVia(c))
			}
		}
	}
	return lines
}

// exceptVia names the services whose calls a condition on kms:ViaService lets
// pass.
func exceptVia(c *policy.Condition) string {
	if c.Name == "Null" {
		return "any service"
	}
	return "CodeCommit"
}

// serviceOf is the service that an ARN or an action names.
func serviceOf(text string) string {
	if rest, isARN := strings.CutPrefix(text, "arn:"); isARN {
		_, text, _ = strings.Cut(rest, ":")
	}
	service, _, _ := strings.Cut(text, ":")
	return strings.ToLower(service)
}
