package policies

import (
	"cmp"
	"slices"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

const listDevices = "iam:ListMFADevices"

// ListDevicesDenied looks for what keeps this helper from finding the MFA device
// by itself: that question comes before there is a session.
func (c *Case) ListDevicesDenied() Finding {
	r := c.request(listDevices, LongTerm, Direct)
	r.Resource = c.userARN()
	d := Decision{Decision: c.stack(gitStack).Evaluate(r)}
	d.Statements = slices.DeleteFunc(slices.Clone(d.Statements), isAssumed)
	if !d.refused() {
		return fine()
	}
	sc := scene{actions: []string{listDevices}, who: LongTerm, via: Direct, resource: r.Resource}
	detail, statements := c.explain(d.Statements, sc), d.Statements
	if len(d.Lacking) > 0 && !d.denied() {
		detail, statements = c.noDeviceAllow(d, r)
	}
	detail = append(detail, "The helper asks IAM for your device with the long-term keys, unless it is told.")
	account := cmp.Or(c.User.Account(), c.Repository.Account, "ACCOUNT")
	return finding(detail, "aws configure set mfa_serial arn:aws:iam::"+account+":mfa/DEVICE", statements)
}

// noDeviceAllow says which layers do not allow it, and which of their Allows
// would with MFA.
func (c *Case) noDeviceAllow(d Decision, r policy.Request) (detail []string, statements []*policy.Statement) {
	with := c.request(listDevices, MFA, Direct)
	with.Resource = r.Resource
	for _, layer := range d.Lacking {
		line := "no statement of the " + c.layerName(layer)
		if sources := c.sources(layer); layer.Layer != policy.Identity {
			line += " " + join(sources)
		}
		detail = append(detail, line+" allows it on "+shown(r.Resource)+" without MFA")
		sure, unsure := policy.Applying(c.inLayer(layer, c.statements(policy.Allow, func(s *policy.Statement) bool { return s.Covers(listDevices) })), with)
		statements = append(statements, slices.Concat(sure, unsure)...)
		if layer.Layer == policy.Identity {
			detail = append(detail, "a user's path, if there is one, stands before the name, and \"user/${aws:username}\" leaves it out")
		}
	}
	return detail, statements
}
