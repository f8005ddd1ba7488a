package policies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

const listDevices = "iam:ListMFADevices"

// ListDevicesDenied reports that this helper can't look up the MFA device,
// which it does before there is a session.
func (c *Case) ListDevicesDenied() Finding {
	r := c.request(listDevices, LongTerm, Direct)
	r.Resource = c.userARN()
	d := c.decide(c.stack(gitStack), r, LongTerm, Direct)
	if !d.refused() {
		return fine()
	}
	sc := scene{actions: []string{listDevices}, who: LongTerm, via: Direct, resource: r.Resource}
	detail, statements := c.explain(d.Statements, sc), d.Statements
	if len(d.Lacking) > 0 && !d.denied() {
		detail, statements = c.noDeviceAllow(d, r)
	}
	detail = append(detail, "The helper asks IAM for your device with the long-term keys, unless mfa_serial is set.")
	account := cmp.Or(c.User.Account(), c.Repository.Account, "ACCOUNT")
	return finding(detail, "aws configure set mfa_serial arn:aws:iam::"+account+":mfa/DEVICE", statements)
}

// noDeviceAllow says which layers do not allow the request, and finds their
// Allows that would apply with MFA.
func (c *Case) noDeviceAllow(d Decision, r policy.Request) (detail []string, statements []*policy.Statement) {
	with := c.request(listDevices, MFA, Direct)
	with.Resource = r.Resource
	for _, layer := range d.Lacking {
		line := "no statement of the " + c.layerName(layer)
		if sources := c.sources(layer); layer.Layer != policy.Identity {
			line += " " + join(sources)
		}
		detail = append(detail, line+" allows it on "+shown(r.Resource)+" without MFA")
		allows := c.inLayer(layer, c.statements(policy.Allow, func(s *policy.Statement) bool { return s.Covers(listDevices) }))
		statements = append(statements, applying(allows, with).list...)
		if slices.ContainsFunc(allows, namesUser) {
			detail = append(detail, "if the user has a path, it is part of the ARN, and \"user/${aws:username}\" does not match")
		}
	}
	return detail, statements
}

// namesUser reports whether a statement is about resources by the user's name.
func namesUser(s *policy.Statement) bool {
	return slices.ContainsFunc(s.Resources, func(r string) bool { return strings.Contains(r, "${aws:username}") })
}
