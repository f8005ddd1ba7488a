package doctor

import (
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// attachment is a managed policy that someone has.
type attachment struct {
	arn, origin string
	layer       policy.Layer
	at          span
}

// account reads the answer of get-account-authorization-details for one user:
// the user's inline and attached policies, those of the groups, the boundary.
func (f *shape) account(root span) error {
	if f.layer != policy.Identity {
		return f.errorf(root, "an account's details are for --policy: the boundary is taken from there")
	}
	users := root.get("UserDetailList")
	user, err := f.user(users)
	if err != nil {
		return err
	}
	if member, found := user.duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.name())
	}
	f.Reading.User = User{Name: user.get("UserName").string(), ARN: user.get("Arn").string(), ID: user.get("UserId").string()}
	f.Complete = true
	who := "user " + f.Reading.User.Name
	if err := f.inline(user.get("UserPolicyList"), who); err != nil {
		return err
	}
	attached := attachments(user, who)
	for _, group := range user.get("GroupList").items() {
		more, err := f.group(root, group)
		if err != nil {
			return err
		}
		attached = append(attached, more...)
	}
	if boundary := user.get("PermissionsBoundary").get("PermissionsBoundaryArn"); boundary.kind() != 0 {
		arn := boundary.string()
		attached = append(attached, attachment{arn, "permissions boundary " + arn, policy.Boundary, boundary})
	}
	return f.managed(root, attached)
}

// user finds the one that was asked for. IAM's user names differ in more than
// case (reference_iam-quotas, "IAM name requirements").
func (f *shape) user(users span) (span, error) {
	var found span
	all, same := 0, 0
	users.each(func(u span) bool {
		all++
		if f.Sources.User != "" && strings.EqualFold(u.get("UserName").string(), f.Sources.User) {
			found = u
			same++
		}
		return true
	})
	switch {
	case f.Sources.User == "":
		return span{}, f.errorf(users, "an account's details, with %s: --user NAME says whose policies to judge", count(all, "user"))
	case found.kind() == 0:
		return span{}, f.errorf(users, "there is no user %q among the %s", f.Sources.User, count(all, "user"))
	case same > 1:
		return span{}, f.errorf(found, "the user %q is there %d times", f.Sources.User, same)
	}
	return found, nil
}

func (f *shape) inline(policies span, who string) error {
	for _, p := range policies.items() {
		if member, found := p.duplicate(); found {
			return f.errorf(member, "duplicate key %q", member.name())
		}
		if err := f.document(p.get("PolicyDocument"), "inline policy "+p.get("PolicyName").string()+" of "+who); err != nil {
			return err
		}
	}
	return nil
}

func attachments(owner span, who string) []attachment {
	var all []attachment
	for _, p := range owner.get("AttachedManagedPolicies").items() {
		arn := p.get("PolicyArn").string()
		all = append(all, attachment{arn, "policy " + arn + ", attached to " + who, policy.Identity, p})
	}
	return all
}

func (f *shape) group(root, name span) ([]attachment, error) {
	var found span
	root.get("GroupDetailList").each(func(g span) bool {
		if g.get("GroupName").string() == name.string() {
			found = g
		}
		return found.kind() == 0
	})
	if found.kind() == 0 {
		return nil, f.errorf(name, "the group %q is not in the file%s", name.string(), partly(root))
	}
	who := "group " + name.string()
	if err := f.inline(found.get("GroupPolicyList"), who); err != nil {
		return nil, err
	}
	return attachments(found, who), nil
}

// managed reads the documents of managed policies, each once a layer.
func (f *shape) managed(root span, attached []attachment) error {
	documents := make(map[string]span)
	root.get("Policies").each(func(p span) bool {
		if arn := p.get("Arn").string(); slices.ContainsFunc(attached, func(a attachment) bool { return a.arn == arn }) {
			documents[arn] = p
		}
		return true
	})
	seen := make(map[[2]string]bool)
	for _, a := range attached {
		key := [2]string{a.arn, string(a.layer)}
		if seen[key] {
			continue
		}
		seen[key] = true
		p, found := documents[a.arn]
		if !found {
			return f.errorf(a.at, "%s is not in the file%s", a.arn, partly(root))
		}
		version := defaultVersion(p)
		if version.kind() == 0 {
			return f.errorf(p, "%s has no default version", a.arn)
		}
		layer := f.layer
		f.layer = a.layer
		err := f.document(version.get("Document"), a.origin)
		if f.layer = layer; err != nil {
			return err
		}
	}
	return nil
}

// defaultVersion is the one in force; the others are history.
func defaultVersion(p span) span {
	id := p.get("DefaultVersionId").string()
	var found span
	p.get("PolicyVersionList").each(func(v span) bool {
		if string(v.get("IsDefaultVersion").raw()) == "true" || id != "" && v.get("VersionId").string() == id {
			found = v
		}
		return found.kind() == 0
	})
	return found
}

// partly says why something may be missing.
func partly(root span) string {
	if string(root.get("IsTruncated").raw()) == "true" {
		return ", which is one page of several: fetch all of them"
	}
	return ": fetch the details without --filter"
}
