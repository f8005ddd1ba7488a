package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// takeOut returns the change that removes services from the exceptions of a
// statement: from NotAction and NotResource, and CodeCommit also from
// conditions on kms:ViaService. Exceptions for other services stay.
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

// withoutNames removes services from a NotAction or NotResource.
func withoutNames(name string, key, value policyfile.Value, services []string) []policyfile.Edit {
	drop := func(s policyfile.Value) bool {
		text := s.String()
		// Actions of the service that git does not use stay excepted.
		return slices.Contains(services, serviceOf(text)) &&
			(name == "NotResource" || len(matching([]string{text}, slices.Concat(gitActions, kmsActions))) > 0)
	}
	items := listed(value)
	if !slices.ContainsFunc(items, func(s policyfile.Value) bool { return !drop(s) }) {
		// IAM refuses an empty list, and a statement that excepts nothing is about
		// everything.
		return []policyfile.Edit{{From: key.From, To: value.To, With: `"` + strings.TrimPrefix(name, "Not") + `": "*"`}}
	}
	return policyfile.Remove(items, drop)
}

// listed returns the items of a list, or a value that is not one by itself.
func listed(value policyfile.Value) []policyfile.Value {
	if value.Kind() == '[' {
		return value.Items()
	}
	return []policyfile.Value{value}
}

// alsoViaCodeCommit makes the conditions of a Deny hold for calls made by
// CodeCommit too. Exceptions for other services stay.
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

// viaCondition holds for the user's own calls and for CodeCommit's. It replaces
// a Null on kms:ViaService, which lets every service's calls pass.
const (
	viaOperator  = "StringLikeIfExists"
	viaCondition = `"` + viaOperator + `": {"` + keyVia + `": "codecommit.*.amazonaws.com"}`
)

func hasOperator(operators []policyfile.Value, name string) bool {
	return slices.ContainsFunc(operators, func(o policyfile.Value) bool { return strings.EqualFold(o.Name(), name) })
}

// isNullVia reports whether an operator is a Null that requires kms:ViaService
// to be absent.
func isNullVia(operator policyfile.Value) bool {
	return strings.EqualFold(operator.Name(), "Null") && slices.ContainsFunc(operator.Value().Items(), func(m policyfile.Value) bool { return dropsVia(operator, m) })
}

// dropsVia reports whether a condition on kms:ViaService does nothing but let
// CodeCommit's calls pass.
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

// withoutService removes CodeCommit from the services of a negated condition.
func withoutService(operator, member policyfile.Value) []policyfile.Edit {
	if !strings.EqualFold(member.Name(), keyVia) || !isNegated(operator.Name()) {
		return nil
	}
	return policyfile.Remove(listed(member.Value()), func(v policyfile.Value) bool { return ofCodeCommit(v.String()) })
}

// scalar returns the text of a string, a number or a boolean.
func scalar(v policyfile.Value) string {
	if v.Kind() == '"' {
		return v.String()
	}
	return string(v.Raw())
}

func isNegated(operator string) bool { return strings.Contains(strings.ToLower(operator), "not") }

// ofCodeCommit reports whether a value of kms:ViaService stands for CodeCommit,
// in one region or several.
func ofCodeCommit(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "codecommit.") || text == "*" || text == "*.amazonaws.com"
}

// withoutExemption returns the fix for an exemption: a diff that removes it, or
// words if no diff fixes it.
func (c *Case) withoutExemption(statements []*policy.Statement, fixes []func(*Case) Finding, services ...string) string {
	if text, ok := c.diff(patch{statements, takeOut(services...), fixes}); ok {
		return text
	}
	return "remove " + strings.Join(services, " and ") + " from the Deny's exceptions"
}
