package probe

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// askSimulator asks IAM's simulator the questions that the policies were judged
// for.
func (p *Probe) askSimulator(ctx context.Context, client clients) {
	found := &p.evidence.Policies
	s := &found.Simulator
	if !found.Judged() {
		s.Reason = "there is nothing to compare: " + found.Reason
		return
	}
	api := client.iam(p.readingKeys())
	for _, q := range found.SimulatorQuestions() {
		input := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &p.evidence.AWS.Caller.ARN, ActionNames: q.Actions}
		input.ResourceArns, input.ContextEntries = []string{q.Resource}, entries(q.Context)
		for pages := iam.NewSimulatePrincipalPolicyPaginator(api, input); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				s.Results, s.Reason = nil, simulatorReason(err)
				return
			}
			for _, result := range page.EvaluationResults {
				s.Results = append(s.Results, simulated(result, q))
			}
		}
	}
}

func simulatorReason(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "AccessDenied" {
		return "iam:SimulatePrincipalPolicy is denied (IAMReadOnlyAccess allows it)"
	}
	return "iam:SimulatePrincipalPolicy: " + callText(err)
}

func simulated(result types.EvaluationResult, q policies.SimulatorQuestion) policies.SimulatorResult {
	r := policies.SimulatorResult{Action: aws.ToString(result.EvalActionName), Credentials: q.Credentials, Via: q.Via, Outcome: policy.Outcome(result.EvalDecision)}
	if d := result.OrganizationsDecisionDetail; d != nil {
		r.ByOrganization = !d.AllowedByOrganizations
	}
	for _, s := range result.MatchedStatements {
		if id := aws.ToString(s.SourcePolicyId); !slices.Contains(r.Policies, id) {
			r.Policies = append(r.Policies, id)
		}
	}
	return r
}

// entries returns the condition keys that are in the request. For the simulator
// others are absent, as aws:MultiFactorAuthPresent is with long-term keys.
func entries(known policy.Context) []types.ContextEntry {
	var all []types.ContextEntry
	for key, values := range known {
		if len(values) > 0 {
			all = append(all, types.ContextEntry{ContextKeyName: &key, ContextKeyValues: values, ContextKeyType: keyType(key)})
		}
	}
	slices.SortFunc(all, func(a, b types.ContextEntry) int { return strings.Compare(*a.ContextKeyName, *b.ContextKeyName) })
	return all
}

// keyType returns the type of a condition key (reference_policies_condition-keys).
func keyType(key string) types.ContextKeyTypeEnum {
	switch key {
	case "aws:MultiFactorAuthPresent", "aws:SecureTransport", "aws:PrincipalIsAWSService", "aws:ViaAWSService":
		return types.ContextKeyTypeEnumBoolean
	case "aws:MultiFactorAuthAge":
		return types.ContextKeyTypeEnumNumeric
	case "aws:TokenIssueTime":
		return types.ContextKeyTypeEnumDate
	}
	return types.ContextKeyTypeEnumString
}
