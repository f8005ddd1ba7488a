package policy_test

import (
	"fmt"
	"log"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// forceMFA is the Deny that AWS documents, shortened.
const forceMFA = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "AllowAll", "Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Sid": "NoMFA", "Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
  ]
}`

func mustParse(layer policy.Layer, name, text string) *policy.Document {
	d, err := policy.ParseAt(layer, name, 1, []byte(text))
	if err != nil {
		log.Fatal(err)
	}
	return d
}

// A request with an access key has no aws:MultiFactorAuthPresent; one with a
// session of GetSessionToken and a code has it.
func Example() {
	document, err := policy.Parse("force-mfa.json", []byte(forceMFA))
	if err != nil {
		log.Fatal(err)
	}
	policies := policy.Policies{Identity: []*policy.Document{document}}
	request := policy.Request{
		Action:   "codecommit:GitPull",
		Resource: "arn:aws:codecommit:us-east-1:123456789012:demo",
		Context:  policy.Context{},
	}
	decision := policies.Evaluate(request)
	fmt.Println(decision.Outcome, "by", decision.Statements[0])

	request.Context["aws:MultiFactorAuthPresent"] = []string{"true"}
	fmt.Println(policies.Evaluate(request).Outcome)
	// Output:
	// explicitDeny by force-mfa.json:5: statement 2 "NoMFA"
	// allowed
}

// What is not known is said, and only where it matters.
func ExamplePolicies_Evaluate_unknown() {
	office := mustParse(policy.Identity, "office.json", `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"},
		{"Effect": "Deny", "Action": "codecommit:GitPush", "Resource": "*",
		 "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}]}`)
	policies := policy.Policies{Identity: []*policy.Document{office}}
	for _, action := range []string{"codecommit:GitPull", "codecommit:GitPush", "s3:GetObject"} {
		decision := policies.Evaluate(policy.Request{
			Action:   action,
			Resource: "arn:aws:codecommit:us-east-1:123456789012:demo",
			Unknown:  []string{"aws:"}, // every global key
		})
		fmt.Println(action, decision.Outcome, decision.DependsOn, decision.Possible)
	}
	// Output:
	// codecommit:GitPull allowed [] [allowed]
	// codecommit:GitPush depends [aws:SourceIp] [allowed explicitDeny]
	// s3:GetObject implicitDeny [] [implicitDeny]
}

// Of an IAM user the ARN is never wholly unknown: it is not the root user's.
func ExampleUnspecified() {
	policies := policy.Policies{Identity: []*policy.Document{mustParse(policy.Identity, "user.json", `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "codecommit:GitPull", "Resource": "arn:aws:codecommit:eu-west-1:*:*"},
		{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}]}`)}}
	decision := policies.Evaluate(policy.Request{
		Action:   "codecommit:GitPull",
		Resource: "arn:aws:codecommit:" + policy.Unspecified + ":123456789012:demo",
		Context:  policy.Context{"aws:PrincipalArn": {"arn:aws:iam::123456789012:user/" + policy.Unspecified}},
	})
	fmt.Println(decision.Outcome, decision.DependsOn)
	// Output: depends [resource]
}

// Each level of the organization has to allow, whatever the others do.
func ExamplePolicies_layers() {
	const everything = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	const gitOnly = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codecommit:*", "Resource": "*"}}`
	policies := policy.Policies{
		Identity: []*policy.Document{mustParse(policy.Identity, "admin", everything)},
		SCPs: [][]*policy.Document{
			{mustParse(policy.SCP, "root", everything)},
			{mustParse(policy.SCP, "unit", gitOnly)},
		},
		// A key that lets in the user by name needs no identity policy, but
		// the organization has to allow all the same.
		Key: []*policy.Document{mustParse(policy.Key, "key", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
			"Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"}, "Action": "kms:*", "Resource": "*"}}`)},
	}
	decision := policies.Evaluate(policy.Request{
		Action:   "kms:Decrypt",
		Resource: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		Context:  policy.Context{"aws:PrincipalArn": {"arn:aws:iam::123456789012:user/alice"}},
	})
	fmt.Println(decision.Outcome, decision.Lacking)
	// Output: implicitDeny [{service control policy 1}]
}

// An error says where, and a document of another kind is told apart.
func ExampleParse_error() {
	_, err := policy.Parse("p.json", []byte("{\"Version\": \"2012-10-17\",\n \"Statement\": {\"Effect\": \"deny\"}}"))
	fmt.Println(err)
	// Output: p.json:2: statement 1: Effect is neither "Allow" nor "Deny"
}
