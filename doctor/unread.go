package doctor

import (
	"cmp"
	"context"
	"errors"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// checkRead says whether everything that was to be judged could be read.
func checkRead(_ context.Context, c *Case) []Result {
	switch {
	case c.Unread != nil:
		fix := "give documents as IAM has them, or the AWS CLI's answers: docs/doctor.md#ccm401"
		if errors.Is(c.Unread, policy.ErrPrincipal) {
			fix = "give the policies of the user and of the user's groups, or the account's: aws iam get-account-authorization-details"
		}
		return unread.is([]string{c.Unread.Error()}, fix, nil)
	case !c.judged():
		return unread.skip(c.noPolicy())
	}
	return unread.isNot(c.Listing()...)
}

// noPolicy says why there is nothing to judge.
func (c *Case) noPolicy() string {
	switch {
	case c.Live == nil:
		return "no policy was given: --policy FILE"
	case c.Live.Offline:
		return "IAM was not asked: --offline; --policy FILE judges files"
	}
	return cmp.Or(c.Live.Policy.Reason, "IAM was not asked")
}
