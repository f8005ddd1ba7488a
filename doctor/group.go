package doctor

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

func (c *collection) groups(ctx context.Context) error {
	return pages(func(marker *string) (*string, error) {
		c.action = "iam:ListGroupsForUser"
		page, err := c.client.ListGroupsForUser(ctx, &iam.ListGroupsForUserInput{UserName: &c.user, Marker: marker})
		if err != nil {
			return nil, err
		}
		for _, group := range page.Groups {
			name := aws.ToString(group.GroupName)
			if err := c.groupInline(ctx, name); err != nil {
				return nil, err
			}
			if err := c.groupAttached(ctx, name); err != nil {
				return nil, err
			}
		}
		return page.Marker, nil
	})
}

func (c *collection) groupInline(ctx context.Context, group string) error {
	return pages(func(marker *string) (*string, error) {
		c.action = "iam:ListGroupPolicies"
		page, err := c.client.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: &group, Marker: marker})
		if err != nil {
			return nil, err
		}
		for _, name := range page.PolicyNames {
			c.action = "iam:GetGroupPolicy"
			got, err := c.client.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &group, PolicyName: &name})
			if err != nil {
				return nil, err
			}
			if err := c.put(policy.Identity, "inline policy "+name+" of group "+group, "", got.PolicyDocument); err != nil {
				return nil, err
			}
		}
		return page.Marker, nil
	})
}

func (c *collection) groupAttached(ctx context.Context, group string) error {
	return pages(func(marker *string) (*string, error) {
		c.action = "iam:ListAttachedGroupPolicies"
		page, err := c.client.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: &group, Marker: marker})
		if err != nil {
			return nil, err
		}
		return page.Marker, c.managed(ctx, policy.Identity, page.AttachedPolicies)
	})
}
