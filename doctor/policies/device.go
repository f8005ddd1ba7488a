package policies

import (
	"cmp"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

const listDevices = "iam:ListMFADevices"

// ListDevicesDenied looks for what keeps this helper from finding the MFA device
// by itself: that question comes before there is a session.
func (c *Case) ListDevicesDenied() Finding {
	r := c.request(listDevices, LongTerm, Direct)
	r.Resource = c.User.ARN
	if r.Resource == "" {
		// Nobody knows the path in front of the name, so the name is unknown too:
		// "${aws:username}" matches users without a path only.
		r.Resource = c.Repository.arn("iam", "", "user/"+policy.Unspecified)
	}
	d := Decision{Decision: c.policies().Evaluate(r)}
	if !d.refused() {
		return fine()
	}
	sc := scene{actions: []string{listDevices}, who: LongTerm, via: Direct, resource: r.Resource}
	detail := c.explain(d.Statements, sc)
	if !d.denied() {
		detail = []string{"no statement allows it on " + shown(r.Resource) + "; a user's path, if there is one, stands before the name and \"user/${aws:username}\" leaves it out"}
	}
	detail = append(detail, "The helper asks IAM for your device with the long-term keys, unless it is told.")
	account := cmp.Or(c.Repository.Account, "ACCOUNT")
	return finding(detail, "aws configure set mfa_serial arn:aws:iam::"+account+":mfa/DEVICE", d.Statements)
}
