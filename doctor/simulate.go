package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// SimulatorEvidence is what IAM's own simulator says to the questions that
// Case.Decisions answers. Reason says why it was not asked, or did not answer.
type SimulatorEvidence struct {
	Opinions []Opinion
	Reason   string
}

// Opinion is the simulator's answer to one question.
type Opinion struct {
	Action      string
	Credentials Credentials
	Via         Via
	Outcome     policy.Outcome
	// Policies are those whose statements decide, as it names them.
	Policies []string
	// ByOrganization is true where service control policies do not allow it,
	// which the simulator knows and nobody in the account can read.
	ByOrganization bool
}

// simulated are the questions: what git does, and KMS for it, with long-term
// keys and with the session that this helper makes.
var simulated = []struct {
	via     Via
	who     Credentials
	actions []string
}{
	{Direct, LongTerm, gitActions}, {Direct, MFA, gitActions},
	{Forwarded, LongTerm, kmsActions}, {Forwarded, MFA, kmsActions},
}

// askSimulator asks for a second opinion, where there is a first.
func (e *Evidence) askSimulator(ctx context.Context, client clients, wanted Repository) {
	s := &e.Simulator
	if !e.Policy.Collected {
		s.Reason = "there is nothing to compare: " + e.Policy.Reason
		return
	}
	subject := &Case{Repository: wanted, Now: e.Now}
	subject.Take(e)
	api := client.iam(e.readingKeys())
	for _, q := range simulated {
		input := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &e.AWS.Caller.ARN, ActionNames: q.actions}
		r := subject.request(q.actions[0], q.who, q.via)
		input.ResourceArns, input.ContextEntries = []string{r.Resource}, entries(r.Context)
		err := pages(func(marker *string) (*string, error) {
			input.Marker = marker
			page, err := api.SimulatePrincipalPolicy(ctx, input)
			if err != nil {
				return nil, err
			}
			for _, result := range page.EvaluationResults {
				s.Opinions = append(s.Opinions, opinion(result, q.who, q.via))
			}
			return page.Marker, nil
		})
		if err != nil {
			s.Opinions, s.Reason = nil, simulatorReason(err)
			return
		}
	}
}

func simulatorReason(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "AccessDenied" {
		return "iam:SimulatePrincipalPolicy is denied; it would give a second opinion (IAMReadOnlyAccess has it)"
	}
	return "iam:SimulatePrincipalPolicy: " + failure(err)
}

func opinion(result types.EvaluationResult, who Credentials, via Via) Opinion {
	o := Opinion{Action: aws.ToString(result.EvalActionName), Credentials: who, Via: via, Outcome: policy.Outcome(result.EvalDecision)}
	if d := result.OrganizationsDecisionDetail; d != nil {
		o.ByOrganization = !d.AllowedByOrganizations
	}
	for _, s := range result.MatchedStatements {
		if id := aws.ToString(s.SourcePolicyId); !slices.Contains(o.Policies, id) {
			o.Policies = append(o.Policies, id)
		}
	}
	return o
}

// entries are the keys that are known to be in the request. One that is left
// out is absent for the simulator, as long-term keys' MFA has to be.
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

// keyType is as reference_policies_condition-keys gives it.
func keyType(key string) types.ContextKeyTypeEnum {
	switch key {
	case keyPresent, "aws:SecureTransport", "aws:PrincipalIsAWSService", "aws:ViaAWSService":
		return types.ContextKeyTypeEnumBoolean
	case keyAge:
		return types.ContextKeyTypeEnumNumeric
	case "aws:TokenIssueTime":
		return types.ContextKeyTypeEnumDate
	}
	return types.ContextKeyTypeEnumString
}
