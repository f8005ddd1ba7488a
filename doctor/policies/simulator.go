package policies

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// SimulatorQuestion is a request to iam:SimulatePrincipalPolicy, about one of
// the questions that Decisions answers. Context holds the keys that are known;
// one without values is absent, and left out of the request.
type SimulatorQuestion struct {
	Credentials Credentials
	Via         Via
	Actions     []string
	Resource    string
	Context     policy.Context
}

// SimulatorQuestions returns the requests of git, and CodeCommit's calls to
// KMS, with long-term keys and with a session with MFA.
func (c *Case) SimulatorQuestions() []SimulatorQuestion {
	questions := []SimulatorQuestion{
		{Via: Direct, Credentials: LongTerm, Actions: gitActions}, {Via: Direct, Credentials: MFA, Actions: gitActions},
		{Via: Forwarded, Credentials: LongTerm, Actions: kmsActions}, {Via: Forwarded, Credentials: MFA, Actions: kmsActions},
	}
	for i := range questions {
		q := &questions[i]
		r := c.request(q.Actions[0], q.Credentials, q.Via)
		q.Resource, q.Context = c.resource(r.Action), whollyKnown(r.Context)
	}
	return questions
}

// SimulatorResult is the simulator's answer to one question.
type SimulatorResult struct {
	Action      string
	Credentials Credentials
	Via         Via
	Outcome     policy.Outcome
	// Policies names the policies whose statements decide.
	Policies []string
	// ByOrganization is true if service control policies do not allow it. The
	// simulator knows them, though nobody in the account can read them.
	ByOrganization bool
}

// contradicts reports whether the result and the decision on the same request
// can't both be right.
func (r SimulatorResult) contradicts(d Decision) bool {
	switch {
	case d.Outcome == policy.Depends:
		return false // the simulator takes keys that it is not given for absent
	case r.ByOrganization && d.refused():
		return false // the simulator stops there, and does not say what else denies
	case d.Via == Forwarded && r.Outcome != policy.ExplicitDeny:
		return d.denied() // KMS needs no Allow
	}
	return !d.Can(r.Outcome)
}

// Comparison is the result of comparing decisions with the simulator's results.
type Comparison struct {
	// Differences are lines with both answers.
	Differences []string
	// ByOrganization is true if the organization refuses what the policies
	// allow; Open counts decisions that depend on what is not known here.
	ByOrganization bool
	Open           int
}

// Compare sets the simulator's results beside the decisions.
func (c *Case) Compare(results []SimulatorResult) Comparison {
	var all Comparison
	for _, r := range results {
		d := c.at(r.Action, r.Credentials, r.Via)
		if d.Outcome == policy.Depends {
			all.Open++
		}
		if r.contradicts(d) && !c.byResource(d) {
			all.Differences = append(all.Differences, r.words(d))
			all.ByOrganization = all.ByOrganization || r.ByOrganization
		}
	}
	return all
}

// byResource reports whether a layer denies that the simulator does not know:
// it evaluates the user's policies and the organization's.
func (c *Case) byResource(d Decision) bool {
	return slices.ContainsFunc(d.Statements, func(s *policy.Statement) bool {
		p, found := c.place(s)
		return found && s.Effect == policy.Deny && (p.document.Layer == policy.Key || p.document.Layer == policy.RCP || p.document.Layer == policy.Endpoint)
	})
}

// words returns a line with both answers.
func (r SimulatorResult) words(d Decision) string {
	text := r.Action + ", " + subjects[r.Credentials] + ": " + answers[d.Outcome] + " here, " + answers[r.Outcome] + " there"
	if r.Via == Forwarded {
		text = strings.Replace(text, ",", " by way of CodeCommit,", 1)
	}
	switch {
	case r.ByOrganization:
		text += ", by the organization"
	case len(r.Policies) > 0:
		text += ", by " + join(r.Policies)
	}
	return text
}
