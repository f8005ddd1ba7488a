package probe

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
	"github.com/git-credential-mfa/git-credential-mfa/session"
)

// collection reads a user's policies. It stops at the first error, because a
// missing policy could change the answer.
type collection struct {
	policyfile.Set
	client *iam.Client
	user   string
	action string // of the last call, for the reason
	seen   map[string]bool
}

// askPolicies collects the user's policies.
func (p *Probe) askPolicies(ctx context.Context, client clients) {
	e, found := p.evidence, &p.evidence.Policies
	switch {
	case e.AWS.Roles > 0 || e.AWS.Caller.ARN != "" && e.AWS.Caller.User() == "":
		found.Reason = "a user's policies do not apply to a role's or federated session; --policy FILE judges the role's"
		return
	case e.AWS.Caller.User() == "":
		found.Reason = "AWS did not say whose they would be"
		return
	case !p.longTerm():
		found.Reason = "IAM tells nothing to a session without MFA, and the profile's keys are temporary; --policy FILE judges files"
		return
	}
	c := &collection{client: client.iam(p.readingKeys()), user: e.AWS.Caller.User(), seen: map[string]bool{}}
	c.User = policyfile.User{Name: c.user, ARN: e.AWS.Caller.ARN, ID: e.AWS.Caller.UserID}
	if err := c.all(ctx); err != nil {
		found.Reason = c.reason(err, e.Session.WithMFA())
		return
	}
	p.askKeyPolicy(ctx, client, c) // mutation: a repository's own key is looked at
	c.Complete, c.Collected = true, true
	for _, d := range c.Documents {
		for _, s := range d.Statements {
			s.Line = 0 // IAM returned it, not a file
		}
	}
	found.Set = c.Set
}

// readingKeys returns the session's keys if it has MFA, since a policy that
// requires MFA denies IAM's calls without it, and otherwise the long-term key.
func (p *Probe) readingKeys() aws.Credentials {
	if p.evidence.Session.WithMFA() {
		return session.Credentials(p.session)
	}
	return p.keys
}

// reason returns why the policies could not be read, and what would be needed.
func (c *collection) reason(err error, mfa bool) string {
	text := fmt.Sprintf("%s: %s", c.action, callText(err))
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "AccessDenied" {
		text = c.action + " is denied; needed are the permissions to read one's own policies, as in IAMReadOnlyAccess"
		if !mfa {
			text += ", and with a policy that asks for MFA a session: git-credential-mfa login"
		}
	}
	return text + "; --policy FILE judges files"
}

func (c *collection) all(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.inline, c.attached, c.groups, c.boundary} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) inline(ctx context.Context) error {
	for pages := iam.NewListUserPoliciesPaginator(c.client, &iam.ListUserPoliciesInput{UserName: &c.user}); pages.HasMorePages(); {
		c.action = "iam:ListUserPolicies"
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, name := range page.PolicyNames {
			c.action = "iam:GetUserPolicy"
			got, err := c.client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &c.user, PolicyName: &name})
			if err != nil {
				return err
			}
			if err := c.put(policy.Identity, "inline policy "+name+" of user "+c.user, "", got.PolicyDocument); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collection) attached(ctx context.Context) error {
	for pages := iam.NewListAttachedUserPoliciesPaginator(c.client, &iam.ListAttachedUserPoliciesInput{UserName: &c.user}); pages.HasMorePages(); {
		c.action = "iam:ListAttachedUserPolicies"
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := c.managed(ctx, policy.Identity, page.AttachedPolicies); err != nil {
			return err
		}
	}
	return nil
}

// managed reads the default versions of managed policies, each once for a layer.
func (c *collection) managed(ctx context.Context, layer policy.Layer, attached []types.AttachedPolicy) error {
	for _, a := range attached {
		arn := aws.ToString(a.PolicyArn)
		if c.seen[string(layer)+arn] {
			continue
		}
		c.seen[string(layer)+arn] = true
		c.action = "iam:GetPolicy"
		p, err := c.client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return err
		}
		c.action = "iam:GetPolicyVersion"
		v, err := c.client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: p.Policy.DefaultVersionId})
		if err != nil {
			return err
		}
		origin := ""
		if layer == policy.Boundary {
			origin = "permissions boundary"
		}
		if err := c.put(layer, arn, origin, v.PolicyVersion.Document); err != nil {
			return err
		}
	}
	return nil
}

// boundary reads the user's permissions boundary.
func (c *collection) boundary(ctx context.Context) error {
	c.action = "iam:GetUser"
	got, err := c.client.GetUser(ctx, &iam.GetUserInput{UserName: &c.user})
	if err != nil {
		return err
	}
	if b := got.User.PermissionsBoundary; b != nil {
		return c.managed(ctx, policy.Boundary, []types.AttachedPolicy{{PolicyArn: b.PermissionsBoundaryArn}})
	}
	return nil
}

// put adds a document, which IAM returns percent-encoded.
func (c *collection) put(layer policy.Layer, source, origin string, document *string) error {
	return c.Add(layer, source, origin, []byte(aws.ToString(document)))
}

func (c *collection) groups(ctx context.Context) error {
	for pages := iam.NewListGroupsForUserPaginator(c.client, &iam.ListGroupsForUserInput{UserName: &c.user}); pages.HasMorePages(); {
		c.action = "iam:ListGroupsForUser"
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, group := range page.Groups {
			name := aws.ToString(group.GroupName)
			if err := c.groupInline(ctx, name); err != nil {
				return err
			}
			if err := c.groupAttached(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collection) groupInline(ctx context.Context, group string) error {
	for pages := iam.NewListGroupPoliciesPaginator(c.client, &iam.ListGroupPoliciesInput{GroupName: &group}); pages.HasMorePages(); {
		c.action = "iam:ListGroupPolicies"
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, name := range page.PolicyNames {
			c.action = "iam:GetGroupPolicy"
			got, err := c.client.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: &group, PolicyName: &name})
			if err != nil {
				return err
			}
			if err := c.put(policy.Identity, "inline policy "+name+" of group "+group, "", got.PolicyDocument); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collection) groupAttached(ctx context.Context, group string) error {
	for pages := iam.NewListAttachedGroupPoliciesPaginator(c.client, &iam.ListAttachedGroupPoliciesInput{GroupName: &group}); pages.HasMorePages(); {
		c.action = "iam:ListAttachedGroupPolicies"
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := c.managed(ctx, policy.Identity, page.AttachedPolicies); err != nil {
			return err
		}
	}
	return nil
}
