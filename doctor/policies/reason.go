package policies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// scene is a set of requests that differ in nothing but their action.
type scene struct {
	actions []string
	who     Credentials
	via     Via
	// resource is that of the requests, "" for the repository or the key.
	resource string
}

// sceneRequest returns a request of the scene to which the statement applies.
// Of a push's two requests it is the first, if the statement applies to that.
func (c *Case) sceneRequest(s *policy.Statement, sc scene) policy.Request {
	r := c.request(sc.actions[0], sc.who, sc.via)
	r.Resource = cmp.Or(sc.resource, r.Resource)
	if sc.actions[0] == gitPush {
		first := beforeReferences(r)
		if sure, _ := policy.Applying([]*policy.Statement{s}, first); len(sure) > 0 {
			return first
		}
	}
	return r
}

// explain says why statements apply in a scene: where each stands, how it
// covers the actions, and whether each condition matches.
func (c *Case) explain(statements []*policy.Statement, sc scene) []string {
	var lines []string
	for i, s := range statements {
		if i == maxLines {
			return append(lines, fmt.Sprintf("and %s more", count(len(statements)-i, "statement")))
		}
		prefix := ""
		if len(statements) > 1 {
			prefix = fmt.Sprintf("%d: ", s.Index)
			if s.Line > 0 {
				prefix = fmt.Sprintf("%d (line %d): ", s.Index, s.Line)
			}
		}
		if s.Source != statements[0].Source {
			prefix = s.Source + " " + prefix
		}
		for _, line := range c.why(s, sc) {
			lines = append(lines, prefix+line)
		}
	}
	if c.onlyTogether(statements, sc) {
		lines = append(lines, "Whatever the unknown keys are, one of these applies.")
	}
	return lines
}

// onlyTogether reports whether each of several Denies may apply, and none
// surely does: they deny in every case only together.
func (c *Case) onlyTogether(statements []*policy.Statement, sc scene) bool {
	if len(statements) < 2 || statements[0].Effect != policy.Deny {
		return false
	}
	sure, unsure := policy.Applying(statements, c.sceneRequest(statements[0], sc))
	return len(sure) == 0 && len(unsure) > 1
}

func (c *Case) why(s *policy.Statement, sc scene) []string {
	var lines []string
	lines = append(lines, s.Effect+", "+coverage(s, sc.actions))
	r := c.sceneRequest(s, sc)
	if !slices.Equal(s.Resources, []string{"*"}) {
		lines = append(lines, resources(s, shown(r.Resource)))
	}
	if len(s.Conditions) == 0 {
		return append(lines, "no Condition, so MFA makes no difference to it")
	}
	for _, condition := range s.Conditions {
		lines = append(lines, condensed(condition)+": "+state(condition, r, sc))
	}
	return lines
}

// coverage says how a statement covers actions.
func coverage(s *policy.Statement, actions []string) string {
	covered := slices.DeleteFunc(slices.Clone(actions), func(a string) bool { return !s.Covers(a) })
	if len(s.NotActions) > 0 {
		return "NotAction lacks " + some(covered)
	}
	patterns := matching(s.Actions, covered)
	if slices.Equal(patterns, covered) {
		return "Action has " + some(covered)
	}
	return fmt.Sprintf("Action %s covers %s", some(patterns), some(covered))
}

// matching returns the patterns that match one of the actions.
func matching(patterns, actions []string) []string {
	var found []string
	for _, p := range patterns {
		if slices.ContainsFunc(actions, func(a string) bool { return policy.MatchAction(p, a) }) {
			found = append(found, p)
		}
	}
	return found
}

func resources(s *policy.Statement, resource string) string {
	if len(s.NotResources) > 0 {
		return fmt.Sprintf("NotResource %s does not name %s", some(s.NotResources), resource)
	}
	return fmt.Sprintf("Resource %s covers %s", some(s.Resources), resource)
}

// condensed returns a condition on one line.
func condensed(c *policy.Condition) string {
	return fmt.Sprintf("%s %s = %s", c.Operator, c.Key, some(c.Values))
}

// subjects of sentences, by credentials.
var subjects = map[Credentials]string{
	LongTerm: "long-term keys", NoMFA: "a session without MFA", MFA: "a session with MFA",
}

// state says whether a condition matches in the scene, and by which value.
func state(condition *policy.Condition, r policy.Request, sc scene) string {
	values, known := lookup(r, condition.Key)
	if condition.Name == "" {
		return "the operator is not known here"
	}
	if !known {
		return "the key is not known here"
	}
	result := result(condition, r)
	ofMFA := strings.EqualFold(condition.Key, keyPresent) || strings.EqualFold(condition.Key, keyAge)
	switch {
	case strings.EqualFold(condition.Key, keyBranch) && len(values) == 0:
		return "a push is authorized once before its branches are known, without the key, " + result
	case !ofMFA && len(values) == 0:
		return "the request has no such key, " + result
	case !ofMFA:
		return fmt.Sprintf("it is %s, %s", shown(join(values)), result)
	case len(values) == 0 && sc.who == LongTerm && sc.via == Direct:
		return "long-term keys have no such key, " + result
	case sc.who == LongTerm && sc.via == Forwarded:
		return fmt.Sprintf("in a call that CodeCommit makes for long-term keys it is %s, %s", cmp.Or(join(values), "absent"), result)
	case len(values) == 0:
		return fmt.Sprintf("%s has no such key, %s", subjects[sc.who], result)
	}
	return fmt.Sprintf("%s has %s, %s", subjects[sc.who], join(values), result)
}

// lookup finds a key in a request; known is false if its value is unknown.
func lookup(r policy.Request, key string) (values []string, known bool) {
	begins := func(prefix string) bool {
		return (strings.HasSuffix(prefix, ":") || strings.HasSuffix(prefix, "/")) && len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix)
	}
	absent := false
	for name, values := range r.Context {
		if strings.EqualFold(name, key) {
			return values, true
		}
		absent = absent || len(values) == 0 && begins(name)
	}
	for _, unknown := range r.Unknown {
		if !absent && (strings.EqualFold(unknown, key) || begins(unknown)) {
			return nil, false
		}
	}
	return nil, true
}

// result evaluates one condition alone.
func result(condition *policy.Condition, r policy.Request) string {
	s := *fullAccess().Statements[0]
	s.Conditions = []*policy.Condition{condition}
	switch sure, unsure := policy.Applying([]*policy.Statement{&s}, r); {
	case len(sure) > 0:
		return "so it matches"
	case len(unsure) > 0:
		return "so it may match"
	}
	return "so it does not match"
}

// ofKey reports whether a statement has a condition on a key.
func ofKey(s *policy.Statement, keys ...string) bool {
	return slices.ContainsFunc(s.Conditions, func(c *policy.Condition) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(c.Key, key) })
	})
}
