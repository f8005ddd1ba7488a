package policy

import (
	"fmt"
	"strings"
)

// The two effects, which IAM compares exactly
// (reference_policies_elements_effect).
const (
	Allow = "Allow"
	Deny  = "Deny"
)

// Statement is one statement of a Document. Only Parse and ParseAt make usable
// ones.
type Statement struct {
	Source string // of the document: a file, or a policy's ARN or name
	Line   int    // of its opening brace, from 1
	Index  int    // in the document, from 1
	Sid    string // may be empty
	Effect string // Allow or Deny

	// One of each pair is empty.
	Actions, NotActions     []string
	Resources, NotResources []string
	Conditions              []*Condition // in the order of the document
	// Principals are those of Principal or NotPrincipal, in layers that have
	// them: the members of "AWS" as written, others as "Service: name".
	Principals []string

	notAction, notResource bool
	actions                []action
	resources              []arn
	principals             principals
}

// String returns the file, the line, the number and the Sid of the statement.
func (s *Statement) String() string {
	text := s.Source
	if s.Line > 0 { // it is in a file
		text += fmt.Sprintf(":%d", s.Line)
	}
	text += fmt.Sprintf(": statement %d", s.Index)
	if s.Sid != "" {
		text += fmt.Sprintf(" %q", s.Sid)
	}
	return text
}

// setActions sets Action or NotAction, in which there are no policy variables
// (reference_policies_variables).
func (s *Statement) setActions(texts []string, not bool) {
	if s.notAction = not; not {
		s.NotActions = texts
	} else {
		s.Actions = texts
	}
	for _, text := range texts {
		s.actions = append(s.actions, newAction(text))
	}
}

// setResources sets Resource or NotResource.
func (s *Statement) setResources(texts []string, not, variables bool) {
	if s.notResource = not; not {
		s.NotResources = texts
	} else {
		s.Resources = texts
	}
	for _, text := range texts {
		s.resources = append(s.resources, newResource(text, variables))
	}
}

// MatchAction reports whether a pattern of an Action or NotAction matches the
// action. Case does not matter (reference_policies_elements_action).
func MatchAction(pattern, action string) bool {
	return newAction(pattern).match(strings.ToLower(action)) != no
}

// action is a pattern for actions; an unsure one has an unknown part.
type action struct {
	glob
	unsure bool
}

func newAction(pattern string) action {
	runes := style{fold: true}.pattern(pattern, true)
	a := action{unsure: strings.Contains(pattern, Unspecified)}
	a.glob = newGlob(gapsOpen(runes))
	return a
}

func (a action) match(name string) tri {
	switch {
	case !a.glob.match(name):
		return no
	case a.unsure:
		return maybe
	}
	return yes
}

// Covers reports whether the statement covers the action, or may, by Action or
// NotAction alone. Case does not matter (reference_policies_elements_action).
func (s *Statement) Covers(action string) bool {
	return s.covers(strings.ToLower(action)).is != no
}

func (s *Statement) covers(action string) verdict {
	is := no
	for _, a := range s.actions {
		if is = max(is, a.match(action)); is == yes {
			break
		}
	}
	if s.notAction {
		is = yes - is
	}
	if is == maybe {
		return dependsOn(UnknownText)
	}
	return verdict{is: is}
}

// concerns is covers for Resource and NotResource.
func (s *Statement) concerns(q *query) verdict {
	one := verdict{is: no}
	for _, a := range s.resources {
		if one = one.or(a.match(q, q.resource).about(a.fact())); one.is == yes {
			break
		}
	}
	if s.notResource {
		return one.not()
	}
	return one
}

// applies says whether the statement applies to the request, by action,
// resource and conditions. Principals depend on the layer and are compared
// elsewhere.
func (s *Statement) applies(q *query) verdict {
	all := s.covers(q.action)
	if all.is != no {
		all = all.and(s.concerns(q))
	}
	for _, c := range s.Conditions {
		if all.is == no {
			break
		}
		all = all.and(c.holds(q))
	}
	return all
}
