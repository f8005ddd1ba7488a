package policyfile

import (
	"fmt"
	"strings"
)

// advice tells files that hold no document apart by a member, and says what
// gives the document.
var advice = []struct{ member, says string }{
	{"AttachedPolicies", "the answer of list-attached-user-policies or list-attached-group-policies, which has no documents: for each ARN, aws iam get-policy-version --policy-arn ARN --version-id VERSION (the version: aws iam get-policy)"},
	{"PolicyNames", "the answer of list-user-policies or list-group-policies, which has no documents: for each name, aws iam get-user-policy or aws iam get-group-policy"},
	{"Versions", "the answer of list-policy-versions, which has no documents: aws iam get-policy-version --policy-arn ARN --version-id VERSION"},
	{"Policies", "a list of policies, which has no documents: aws iam get-policy-version --policy-arn ARN --version-id VERSION, or for AWS Organizations aws organizations describe-policy --policy-id ID"},
	{"Users", "a list of users, which has no policies: aws iam get-account-authorization-details"},
	{"User", "a user, without the policies: aws iam get-account-authorization-details, and --user NAME"},
	{"Groups", "a list of groups, which has no policies: aws iam get-account-authorization-details, and --user NAME"},
	{"Role", "a role, and users are judged here"},
	{"Roles", "a list of roles, and users are judged here"},
	{"EvaluationResults", "the answer of IAM's simulator, which has no documents: give what it was asked about"},
	{"terraform_version", "Terraform's state: terraform show -json gives it in the form that is read here"},
	{"PolicySummary", "a policy of AWS Organizations without its content: aws organizations describe-policy --policy-id ID"},
}

// advise says what to run instead, or "".
func advise(root Value) string {
	if p := root.Get("Policy"); p.Get("DefaultVersionId").Kind() != 0 {
		return fmt.Sprintf("the answer of get-policy, which has no document: aws iam get-policy-version --policy-arn %s --version-id %s",
			p.Get("Arn").String(), p.Get("DefaultVersionId").String())
	}
	for _, a := range advice {
		if root.Get(a.member).Kind() != 0 {
			return a.says
		}
	}
	return ""
}

// otherLanguage reads YAML, and says what gives JSON for the rest.
func (f *file) otherLanguage() error {
	text := string(f.text)
	lower := strings.ToLower(f.name)
	switch {
	case strings.HasSuffix(lower, ".tf"), strings.HasSuffix(lower, ".hcl"), looksLikeHCL(text):
		return fmt.Errorf("%s:1: Terraform's language, which needs Terraform to read it: terraform plan -out plan, then terraform show -json plan", f.name)
	case strings.HasPrefix(text, "PK\x03\x04"):
		return fmt.Errorf("%s:1: a plan of Terraform in its own form: terraform show -json %s", f.name, f.name)
	case strings.HasPrefix(strings.TrimSpace(text), "<"):
		return fmt.Errorf("%s:1: XML, as the API answers: the AWS CLI gives JSON, --output json", f.name)
	}
	return f.yaml()
}

// looksLikeHCL finds a block of Terraform's at the beginning of a line.
func looksLikeHCL(text string) bool {
	for line := range strings.Lines(text) {
		for _, block := range []string{"resource \"", "data \"", "variable \"", "locals {", "module \"", "provider \"", "terraform {", "output \""} {
			if strings.HasPrefix(line, block) {
				return true
			}
		}
	}
	return false
}
