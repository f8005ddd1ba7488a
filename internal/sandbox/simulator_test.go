package sandbox

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const (
	demoARN = "arn:aws:codecommit:us-east-1:123456789012:demo"
	// readAll lets the user call the simulator.
	readAll = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}`
)

func denyUnless(condition string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": ` + condition + `}]}`
}

// The expected decisions are written by hand from AWS's documents (IAM User Guide,
// reference_policies_evaluation-logic_policy-eval-denyallow,
// reference_policies_elements_condition_operators). The sandbox's simulator and
// doctor use the same evaluator, so neither can test the other.
func TestSimulatorDecisions(t *testing.T) {
	admin := PolicyText{"Admin", administratorAccess}
	force := PolicyText{"Force", string(ForceMFA)}
	read := PolicyText{"Read", readAll}
	plain := PolicyText{"Plain", denyUnless(`{"Bool": {"aws:MultiFactorAuthPresent": "false"}}`)}
	ifExists := PolicyText{"IfExists", denyUnless(`{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}`)}
	null := PolicyText{"Null", denyUnless(`{"Null": {"aws:MultiFactorAuthAge": "true"}}`)}
	aged := PolicyText{"Aged", denyUnless(`{"NumericGreaterThan": {"aws:MultiFactorAuthAge": "200"}}`)}
	one := PolicyText{"One", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codecommit:Git*", "Resource": "` + demoARN + `"}]}`}
	const none, absent, present = "", "false", "true"
	for _, test := range []struct {
		texts            []PolicyText
		mfa, action, arn string
		decision         types.PolicyEvaluationDecisionType
		by               string
	}{
		{[]PolicyText{admin, force}, none, "codecommit:GitPull", demoARN, "explicitDeny", "Force"},
		{[]PolicyText{admin, force}, absent, "codecommit:GitPull", demoARN, "explicitDeny", "Force"},
		{[]PolicyText{admin, force}, present, "codecommit:GitPull", demoARN, "allowed", "Admin"},
		{[]PolicyText{admin, force}, none, "iam:ListMFADevices", "*", "allowed", "Admin"},
		{[]PolicyText{read, force}, present, "codecommit:GitPush", demoARN, "implicitDeny", ""},
		{[]PolicyText{read, force}, none, "codecommit:GitPush", demoARN, "explicitDeny", "Force"},
		{[]PolicyText{admin, plain}, none, "codecommit:GitPull", demoARN, "allowed", "Admin"}, // Bool is false where the key is absent
		{[]PolicyText{admin, plain}, absent, "codecommit:GitPull", demoARN, "explicitDeny", "Plain"},
		{[]PolicyText{admin, ifExists}, none, "codecommit:GitPull", demoARN, "explicitDeny", "IfExists"},
		{[]PolicyText{admin, ifExists}, present, "codecommit:GitPull", demoARN, "allowed", "Admin"},
		{[]PolicyText{admin, null}, none, "codecommit:GitPull", demoARN, "explicitDeny", "Null"},
		{[]PolicyText{admin, null}, present, "codecommit:GitPull", demoARN, "allowed", "Admin"},
		{[]PolicyText{admin, aged}, present, "codecommit:GitPull", demoARN, "explicitDeny", "Aged"}, // 300 s
		{[]PolicyText{admin, aged}, none, "codecommit:GitPull", demoARN, "allowed", "Admin"},
		{[]PolicyText{read, one}, present, "codecommit:GitPush", demoARN, "allowed", "One"},
		{[]PolicyText{read, one}, present, "codecommit:GitPush", demoARN + "2", "implicitDeny", ""},
		{[]PolicyText{read, one}, present, "codecommit:DeleteRepository", demoARN, "implicitDeny", ""},
	} {
		got := simulateOne(t, test.texts, nil, test.mfa, test.action, test.arn)
		var by []string
		for _, s := range got.MatchedStatements {
			by = append(by, aws.ToString(s.SourcePolicyId))
		}
		if got.EvalDecision != test.decision || !slices.Equal(by, slices.DeleteFunc([]string{test.by}, func(s string) bool { return s == "" })) {
			t.Errorf("%v, MFA %q, %s on %s: %s by %q, want %s by %q", names(test.texts), test.mfa, test.action, test.arn, got.EvalDecision, by, test.decision, test.by)
		}
	}
	scp := PolicyText{"Organization", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}`}
	got := simulateOne(t, []PolicyText{admin}, []PolicyText{scp}, present, "codecommit:GitPull", demoARN)
	if d := got.OrganizationsDecisionDetail; got.EvalDecision != "implicitDeny" || d == nil || d.AllowedByOrganizations {
		t.Errorf("what no service control policy allows: %+v", got)
	}
}

func names(texts []PolicyText) (names []string) {
	for _, text := range texts {
		names = append(names, text.Name)
	}
	return names
}

// simulateOne calls the simulator with an MFA session, for one request of a user
// with some policies.
func simulateOne(t *testing.T, texts, scps []PolicyText, mfa, action, arn string) types.EvaluationResult {
	t.Helper()
	w, u, d := start(t)
	client := iam.NewFromConfig(sessionConfig(w, getSession(t, u, d)))
	if err := u.SetPolicyTexts(texts...); err != nil {
		t.Fatal(err)
	}
	if err := w.SetSCPs(scps...); err != nil {
		t.Fatal(err)
	}
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: aws.String(u.ARN()), ActionNames: []string{action}, ResourceArns: []string{arn}}
	if mfa != "" {
		in.ContextEntries = append(in.ContextEntries, types.ContextEntry{ContextKeyName: aws.String("aws:MultiFactorAuthPresent"),
			ContextKeyType: types.ContextKeyTypeEnumBoolean, ContextKeyValues: []string{mfa}})
	}
	if mfa == "true" {
		in.ContextEntries = append(in.ContextEntries, types.ContextEntry{ContextKeyName: aws.String("aws:MultiFactorAuthAge"),
			ContextKeyType: types.ContextKeyTypeEnumNumeric, ContextKeyValues: []string{"300"}})
	}
	out, err := client.SimulatePrincipalPolicy(t.Context(), in)
	if err != nil || len(out.EvaluationResults) != 1 {
		t.Fatal(out, err)
	}
	return out.EvaluationResults[0]
}
