package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// Exempt looks for the popular work-around: a Deny that asks for MFA for
// all the rest, with CodeCommit taken out of it.
func (c *Case) Exempt() Finding {
	found := c.exempted(gitActions, "codecommit")
	if len(found.actions) == 0 {
		return fine()
	}
	detail := append(exceptions(found, "codecommit"), c.givesUp(found)...)
	detail = append(detail, "With this helper the exemption is not needed: "+configure+", then take it out.")
	mends := []func(*Case) Finding{(*Case).Exempt, (*Case).KMSExempt}
	return finding(detail, c.withoutExemption(found.statements, mends, "codecommit", "kms"), found.statements)
}

// givesUp says what the exemption allows to anyone who has the access key: of
// what git needs all, or only a part.
func (c *Case) givesUp(found lack) []string {
	const anyone = "Whoever has an access key, an HTTPS Git credential or an SSH key "
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
		return []string{passes, "git fails all the same, since KMS is refused when CodeCommit calls it: " + some(refused) + "."}
	case len(open) > 0:
		return []string{passes, "Whether git works depends on KMS, see CCM304."}
	case slices.Equal(found.actions, []string{gitPull}):
		return []string{anyone + "can fetch from the repositories, without MFA."}
	case slices.Equal(found.actions, []string{gitPush}):
		return []string{passes}
	}
	return []string{anyone + "has the repositories, without MFA."}
}

// KMSExempt looks for what the work-around gives away beside it: KMS's
// actions without MFA on every key, not only in calls that CodeCommit makes.
func (c *Case) KMSExempt() Finding {
	found := c.exempted(kmsActions, "kms")
	if len(found.actions) == 0 {
		return fine()
	}
	detail := exceptions(found, "kms")
	detail = append(detail, "That is for every key that the user may use, not only when CodeCommit calls.",
		"With this helper the exemption is not needed: "+configure+", then take it out.")
	fix := "the change under CCM201 takes it out too"
	// Both come from the same function, so that the one patch names both.
	if git := c.exempted(gitActions, "codecommit"); len(git.actions) == 0 || !slices.Equal(git.statements, found.statements) {
		fix = c.withoutExemption(found.statements, []func(*Case) Finding{(*Case).KMSExempt}, "kms")
	}
	return finding(detail, fix, found.statements)
}

// exempted finds the actions that pass without MFA because a Deny, which asks
// for MFA for the rest, leaves them out: without the exception it would deny
// them to long-term keys or to sessions without MFA, and not to those with.
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

// passesWithoutMFA reports whether both kinds of credentials without MFA pass:
// what may deny them would have to deny a session with MFA as well.
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
			if strings.EqualFold(c.Key, keyVia) && service == "codecommit" {
				lines = append(lines, condensed(c)+": nor for what "+exceptVia(c)+" calls")
			}
		}
	}
	return lines
}

// exceptVia names whose calls a condition on kms:ViaService lets pass.
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
