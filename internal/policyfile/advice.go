package policyfile

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
)

// ReadError is the error for a file from which no policy can be read, although
// a command gives one from which it can.
type ReadError struct {
	At      string // file:line
	Problem string // such as what the file is instead
	Command string // may have placeholders in capitals
}

// Error names the file, the problem and the command.
func (e *ReadError) Error() string { return e.At + ": " + e.Problem + ": " + e.Command }

// readError is the error for a value of the file.
func (f *file) readError(at Value, command, format string, args ...any) error {
	return &ReadError{fmt.Sprintf("%s:%d", f.name, f.line(at)), fmt.Sprintf(format, args...), command}
}

// Commands that give policies with their documents.
const (
	accountDetails = "aws iam get-account-authorization-details"
	policyVersion  = "aws iam get-policy-version --policy-arn ARN --version-id VERSION"
	terraformState = "terraform show -json > state.json"
)

// advice recognizes files without a document by a member, and has the command
// that gives the document. Placeholders are filled in from the first item of
// the member.
var advice = []struct{ member, found, command string }{
	{"AttachedPolicies", "the answer of list-attached-user-policies or list-attached-group-policies, which has no documents",
		`aws iam get-policy-version --policy-arn ARN --version-id "$(aws iam get-policy --policy-arn ARN --query Policy.DefaultVersionId --output text)"`},
	{"PolicyNames", "the answer of list-user-policies or list-group-policies, which has no documents", "aws iam get-user-policy --user-name USER --policy-name NAME"},
	{"Versions", "the answer of list-policy-versions, which has no documents", policyVersion},
	{"Policies", "a list of policies, which has no documents", policyVersion},
	{"Users", "a list of users, which has no policies", accountDetails},
	{"User", "a user, without the policies", accountDetails},
	{"Groups", "a list of groups, which has no policies", accountDetails},
	{"Role", "a role, but only users are judged", accountDetails},
	{"Roles", "a list of roles, but only users are judged", accountDetails},
	{"terraform_version", "Terraform's state", terraformState},
	{"PolicySummary", "a policy of AWS Organizations without its content", "aws organizations describe-policy --policy-id ID"},
}

// advise returns the error for a file without a document, or nil if it is not
// recognized.
func (f *file) advise(root Value) error {
	if p := root.Get("Policy"); p.Get("DefaultVersionId").Kind() != 0 {
		return f.readError(root, filled(policyVersion, p), "the answer of get-policy, which has no document")
	}
	for _, a := range advice {
		member := root.Get(a.member)
		if member.Kind() == 0 {
			continue
		}
		if items := member.Items(); member.Kind() == '[' && len(items) > 0 {
			member = items[0]
		}
		command := a.command
		if a.member == "Policies" && member.Get("Id").Kind() != 0 && member.Get("DefaultVersionId").Kind() == 0 {
			command = "aws organizations describe-policy --policy-id ID"
		}
		return f.readError(root, filled(command, member), "%s", a.found)
	}
	return nil
}

// filled replaces placeholders by what is known of a policy.
func filled(command string, policy Value) string {
	var pairs []string
	for _, p := range []struct{ placeholder, value string }{
		{" ARN", cmp.Or(policy.Get("PolicyArn").String(), policy.Get("Arn").String())},
		{" VERSION", cmp.Or(policy.Get("DefaultVersionId").String(), policy.Get("VersionId").String())},
		{" ID", policy.Get("Id").String()},
		{" NAME", policy.String()},
	} {
		if p.value != "" {
			pairs = append(pairs, p.placeholder, " "+shell.Quote(p.value))
		}
	}
	return strings.NewReplacer(pairs...).Replace(command)
}

// otherLanguage reads YAML, and returns a ReadError for other languages.
func (f *file) otherLanguage() error {
	text := string(f.text)
	lower := strings.ToLower(f.name)
	at := f.name + ":1"
	switch {
	case strings.HasSuffix(lower, ".tf"), strings.HasSuffix(lower, ".hcl"), looksLikeHCL(text):
		return &ReadError{at, "Terraform's language, which needs Terraform to read it", "terraform plan -out plan && terraform show -json plan > plan.json"}
	case strings.HasPrefix(text, "PK\x03\x04"):
		return &ReadError{at, "a plan of Terraform in its own form", "terraform show -json " + shell.Quote(f.name)}
	case strings.HasPrefix(strings.TrimSpace(text), "<"):
		return &ReadError{at, "XML, as the API answers, and the AWS CLI gives JSON", policyVersion + " --output json"}
	}
	return f.yaml()
}

// looksLikeHCL reports whether a line begins with a block of Terraform's
// language.
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
