package doctor

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// group reads the inline and the attached policies of one group.
func (c *collection) group(ctx context.Context, group string) error {
	c.action = "iam:ListGroupPolicies"
	inline := iam.NewListGroupPoliciesPaginator(c.client, &iam.ListGroupPoliciesInput{GroupName: &group})
	for inline.HasMorePages() {
		page, err := inline.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, name := range page.PolicyNames {
			c.action = "iam:GetGroupPolicy"
			got, err := c.client.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &group, PolicyName: &name})
			if err != nil {
				return err
			}
			if err := c.put(policy.Identity, "inline policy "+name+" of group "+group, got.PolicyDocument); err != nil {
				return err
			}
		}
	}
	c.action = "iam:ListAttachedGroupPolicies"
	attached := iam.NewListAttachedGroupPoliciesPaginator(c.client, &iam.ListAttachedGroupPoliciesInput{GroupName: &group})
	for attached.HasMorePages() {
		page, err := attached.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := c.managed(ctx, policy.Identity, page.AttachedPolicies); err != nil {
			return err
		}
	}
	return nil
}
