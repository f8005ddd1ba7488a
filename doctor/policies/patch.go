package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// takeOut is the change that takes services out of the exceptions of a
// statement: what NotAction and NotResource name of them, and CodeCommit out of
// a condition on kms:ViaService. The exceptions for others stay.
func takeOut(services ...string) change {
	return func(statement policyfile.Value) []policyfile.Edit {
		var edits []policyfile.Edit
		for _, name := range []string{"NotAction", "NotResource"} {
			if key, value, found := statement.FoldMember(name); found {
				edits = append(edits, withoutNames(name, key, value, services)...)
			}
		}
		if conditions, found := statement.Fold("Condition"); found && slices.Contains(services, "codecommit") {
			edits = append(edits, alsoViaCodeCommit(conditions)...)
		}
		return edits
	}
}

// withoutNames takes services out of a NotAction or NotResource.
func withoutNames(name string, key, value policyfile.Value, services []string) []policyfile.Edit {
	drop := func(s policyfile.Value) bool {
		text := s.String()
		// What is excepted beside git's own actions is another matter.
		return slices.Contains(services, serviceOf(text)) &&
			(name == "NotResource" || len(matching([]string{text}, slices.Concat(gitActions, kmsActions))) > 0)
	}
	items := listed(value)
	if !slices.ContainsFunc(items, func(s policyfile.Value) bool { return !drop(s) }) {
		// An empty list is no policy; what excepts nothing is everything.
		return []policyfile.Edit{{From: key.From, To: value.To, With: `"` + strings.TrimPrefix(name, "Not") + `": "*"`}}
	}
	return policyfile.Remove(items, drop)
}

// listed are the items of a list, or the one value that stands for it.
func listed(value policyfile.Value) []policyfile.Value {
	if value.Kind() == '[' {
		return value.Items()
	}
	return []policyfile.Value{value}
}

// alsoViaCodeCommit makes the conditions of a Deny hold for what CodeCommit
// calls, and leaves those for other services.
func alsoViaCodeCommit(conditions policyfile.Value) []policyfile.Edit {
	var edits []policyfile.Edit
	operators := conditions.Items()
	gone := func(operator policyfile.Value) bool {
		members := operator.Value().Items()
		return len(members) > 0 && !slices.ContainsFunc(members, func(m policyfile.Value) bool { return !dropsVia(operator, m) })
	}
	nullOnly := -1
	for i, operator := range operators {
		if isNullVia(operator) && !hasOperator(operators, viaOperator) {
			nullOnly = i
		}
	}
	for i, operator := range operators {
		switch {
		case i == nullOnly && gone(operator):
			edits = append(edits, policyfile.Edit{From: operator.From, To: operator.To, With: viaCondition})
		case gone(operator):
		default:
			members := operator.Value().Items()
			edits = append(edits, policyfile.Remove(members, func(m policyfile.Value) bool { return dropsVia(operator, m) })...)
			for _, m := range members {
				if !dropsVia(operator, m) {
					edits = append(edits, withoutService(operator, m)...)
				}
			}
			if i == nullOnly {
				edits = append(edits, policyfile.Edit{From: operator.From, To: operator.From, With: viaCondition + ", "})
			}
		}
	}
	drop := func(operator policyfile.Value) bool {
		return gone(operator) && (nullOnly < 0 || operator.From != operators[nullOnly].From)
	}
	return append(edits, policyfile.Remove(operators, drop)...)
}

// viaCondition holds for calls of the user's own and for CodeCommit's, in the
// place of a Null on kms:ViaService that lets pass what any service calls.
const (
	viaOperator  = "StringLikeIfExists"
	viaCondition = `"` + viaOperator + `": {"` + keyVia + `": "codecommit.*.amazonaws.com"}`
)

func hasOperator(operators []policyfile.Value, name string) bool {
	return slices.ContainsFunc(operators, func(o policyfile.Value) bool { return strings.EqualFold(o.Name(), name) })
}

// isNullVia finds a Null that asks for kms:ViaService to be absent.
func isNullVia(operator policyfile.Value) bool {
	return strings.EqualFold(operator.Name(), "Null") && slices.ContainsFunc(operator.Value().Items(), func(m policyfile.Value) bool { return dropsVia(operator, m) })
}

// dropsVia reports whether a condition on kms:ViaService lets pass what
// CodeCommit calls, and says nothing else.
func dropsVia(operator, member policyfile.Value) bool {
	if !strings.EqualFold(member.Name(), keyVia) {
		return false
	}
	values := listed(member.Value())
	if strings.EqualFold(operator.Name(), "Null") {
		return !slices.ContainsFunc(values, func(v policyfile.Value) bool { return !strings.EqualFold(scalar(v), "true") })
	}
	return isNegated(operator.Name()) && !slices.ContainsFunc(values, func(v policyfile.Value) bool { return !ofCodeCommit(v.String()) })
}

// withoutService takes CodeCommit out of the services of a negated condition.
func withoutService(operator, member policyfile.Value) []policyfile.Edit {
	if !strings.EqualFold(member.Name(), keyVia) || !isNegated(operator.Name()) {
		return nil
	}
	return policyfile.Remove(listed(member.Value()), func(v policyfile.Value) bool { return ofCodeCommit(v.String()) })
}

// scalar is the text of a string, a number or a boolean.
func scalar(v policyfile.Value) string {
	if v.Kind() == '"' {
		return v.String()
	}
	return string(v.Raw())
}

func isNegated(operator string) bool { return strings.Contains(strings.ToLower(operator), "not") }

// ofCodeCommit reports whether a value of kms:ViaService is CodeCommit, in one
// region or in several.
func ofCodeCommit(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "codecommit.") || text == "*" || text == "*.amazonaws.com"
}

// withoutExemption is the fix for an exemption: the documents without what takes
// services out of the statements.
func (c *Case) withoutExemption(statements []*policy.Statement, mends []func(*Case) Finding, services ...string) string {
	if text, ok := c.diff(patch{statements, takeOut(services...), mends}); ok {
		return text
	}
	return "take what names " + strings.Join(services, " and ") + " out of the Deny's exceptions"
}
