package policyfile

import (
	"fmt"
	"strings"
	"sync"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// ofTerraform is which layer's document a resource of Terraform's AWS provider
// holds, by its type, and in which attribute.
var ofTerraform = sync.OnceValue(func() map[string]documentOf {
	return map[string]documentOf{
		"aws_iam_policy":           {policy.Identity, "policy"},
		"aws_iam_user_policy":      {policy.Identity, "policy"},
		"aws_iam_group_policy":     {policy.Identity, "policy"},
		"aws_iam_role_policy":      {"", "policy"},
		"aws_organizations_policy": {policy.SCP, "content"},
		"aws_kms_key":              {policy.Key, "policy"},
		"aws_kms_key_policy":       {policy.Key, "policy"},
		"aws_vpc_endpoint":         {policy.Endpoint, "policy"},
		"aws_vpc_endpoint_policy":  {policy.Endpoint, "policy"},
	}
})

// terraform reads the policies of terraform show -json: of a plan as it will
// be, of a state as it is (Terraform, "JSON output format").
func (f *file) terraform(root Value) error {
	values := root.Get("planned_values")
	if values.Kind() == 0 {
		values = root.Get("values")
	}
	if values.Kind() == 0 {
		return f.readError(root, terraformState, "neither a plan nor a state of Terraform")
	}
	before, notes := len(f.Documents), len(f.Notes)
	if err := f.module(values.Get("root_module"), unknownPolicies(root)); err != nil {
		return err
	}
	if len(f.Documents) == before && len(f.Notes) == notes {
		return f.errorf(root, "a plan or state of Terraform without a policy of a %s in it", f.wants())
	}
	return nil
}

// unknownPolicies returns the addresses of resources whose documents Terraform
// knows only after it has applied the plan.
func unknownPolicies(root Value) map[string]bool {
	unknown := make(map[string]bool)
	root.Get("resource_changes").Each(func(change Value) bool {
		after := change.Get("change").Get("after_unknown")
		for _, attribute := range []string{"policy", "content"} {
			if string(after.Get(attribute).Raw()) == "true" {
				unknown[change.Get("address").String()] = true
			}
		}
		return true
	})
	return unknown
}

func (f *file) module(m Value, unknown map[string]bool) error {
	for _, resource := range m.Get("resources").Items() {
		if err := f.terraformResource(resource, unknown); err != nil {
			return err
		}
	}
	for _, child := range m.Get("child_modules").Items() {
		if err := f.module(child, unknown); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) terraformResource(resource Value, unknown map[string]bool) error {
	of, known := ofTerraform()[resource.Get("type").String()]
	if !known || resource.Get("mode").String() == "data" {
		return nil
	}
	address, values := resource.Get("address").String(), resource.Get("values")
	if values.Get("type").String() == "RESOURCE_CONTROL_POLICY" {
		of.layer = policy.RCP
	}
	if f.layer == policy.Boundary && of.layer == policy.Identity {
		of.layer = policy.Boundary
	}
	document := values.Get(of.member)
	switch {
	case of.layer != f.layer:
		if document.Kind() == '"' {
			f.Notes = append(f.Notes, fmt.Sprintf("passed over: %s:%d: a policy of %s", f.name, f.line(document), address))
		}
		return nil
	case unknown[address]:
		return f.readError(resource, "terraform apply && "+terraformState, "%s: Terraform knows this document only after it is applied", address)
	case strings.TrimSpace(document.String()) == "":
		return nil
	}
	return f.document(document, address)
}
