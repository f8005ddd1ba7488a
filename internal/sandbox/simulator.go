package sandbox

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

type evaluation struct {
	EvalActionName   string
	EvalResourceName string
	EvalDecision     policy.Outcome
	// Organizations is set only in an account of an organization.
	Organizations *organizationsDetail `xml:"OrganizationsDecisionDetail"`
	Statements    []matchedStatement   `xml:"MatchedStatements>member"`
}

type organizationsDetail struct{ AllowedByOrganizations bool }

type matchedStatement struct{ SourcePolicyId string }

type simulationResult struct {
	XMLName     xml.Name     `xml:"SimulatePrincipalPolicyResult"`
	IsTruncated bool         // never: an answer holds 100 results, and no test needs more
	Results     []evaluation `xml:"EvaluationResults>member"`
}

// simulatePrincipalPolicy evaluates a user's policies for requests with the
// condition keys that the call names, and no others. It applies service control
// policies, but does not show their statements.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
func simulatePrincipalPolicy(c *call) (any, *failure) {
	source := c.form.Get("PolicySourceArn")
	prefix := fmt.Sprintf("arn:%s:iam::%s:user/", c.who.partition, c.who.account)
	if !strings.HasPrefix(source, prefix) {
		return nil, &failure{400, "InvalidInput", "Invalid Entity Arn: " + source + " does not clearly define entity type and name."}
	}
	c.form.Set("UserName", strings.TrimPrefix(source, prefix))
	u, refused := c.subject("iam:SimulatePrincipalPolicy")
	if refused != nil {
		return nil, refused
	}
	c.world.mu.Lock()
	policies := c.world.policiesOf(u)
	c.world.mu.Unlock()
	context := policy.Context{}
	for _, entry := range c.list("ContextEntries") {
		context[c.form.Get(entry+".ContextKeyName")] = c.values(entry + ".ContextKeyValues")
	}
	result := &simulationResult{}
	for _, action := range c.values("ActionNames") {
		for _, resource := range c.values("ResourceArns") {
			result.Results = append(result.Results, simulate(policies, policy.Request{Action: action, Resource: resource, Context: context})) // mutation: the pretend simulator heeds the keys of a request
		}
	}
	return result, nil
}

func simulate(p policy.Policies, r policy.Request) evaluation {
	decision := p.Evaluate(r)
	e := evaluation{EvalActionName: r.Action, EvalResourceName: r.Resource, EvalDecision: decision.Outcome}
	if len(p.SCPs) > 0 {
		allowed := policy.Policies{Identity: slices.Concat(p.SCPs...)}.Evaluate(r).Outcome == policy.Allowed
		if e.Organizations = (&organizationsDetail{allowed}); !allowed {
			return e
		}
	}
	for _, s := range decision.Statements {
		e.Statements = append(e.Statements, matchedStatement{s.Source})
	}
	return e
}
