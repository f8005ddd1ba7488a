package policyfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// attachment is a managed policy that someone has.
type attachment struct {
	arn, origin string
	layer       policy.Layer
	at          Value
}

// account reads the answer of get-account-authorization-details for one user:
// the user's inline and attached policies, those of the groups, the boundary.
func (f *file) account(root Value) error {
	if f.layer != policy.Identity {
		return f.errorf(root, "an account's details are for --policy: the boundary is taken from there")
	}
	users := root.Get("UserDetailList")
	user, err := f.find(users)
	if err != nil {
		return err
	}
	if member, found := user.Duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.Name())
	}
	f.User = User{Name: user.Get("UserName").String(), ARN: user.Get("Arn").String(), ID: user.Get("UserId").String()}
	f.Complete = true
	who := "user " + f.User.Name
	if err := f.inline(user.Get("UserPolicyList"), who); err != nil {
		return err
	}
	attached := attachments(user, who)
	for _, group := range user.Get("GroupList").Items() {
		more, err := f.group(root, group)
		if err != nil {
			return err
		}
		attached = append(attached, more...)
	}
	if boundary := user.Get("PermissionsBoundary").Get("PermissionsBoundaryArn"); boundary.Kind() != 0 {
		arn := boundary.String()
		attached = append(attached, attachment{arn, "permissions boundary " + arn, policy.Boundary, boundary})
	}
	return f.managed(root, attached)
}

// find returns the user that was asked for. IAM's user names differ in more than
// case (reference_iam-quotas, "IAM name requirements").
func (f *file) find(users Value) (Value, error) {
	var found Value
	all, same := 0, 0
	users.Each(func(u Value) bool {
		all++
		if f.user != "" && strings.EqualFold(u.Get("UserName").String(), f.user) {
			found = u
			same++
		}
		return true
	})
	switch {
	case f.user == "":
		return Value{}, f.errorf(users, "an account's details, with %s: --user NAME says whose policies to judge", plural(all))
	case found.Kind() == 0:
		return Value{}, f.errorf(users, "there is no user %q among the %s", f.user, plural(all))
	case same > 1:
		return Value{}, f.errorf(found, "the user %q is there %d times", f.user, same)
	}
	return found, nil
}

func plural(users int) string {
	if users == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", users)
}

func (f *file) inline(policies Value, who string) error {
	for _, p := range policies.Items() {
		if member, found := p.Duplicate(); found {
			return f.errorf(member, "duplicate key %q", member.Name())
		}
		if err := f.document(p.Get("PolicyDocument"), "inline policy "+p.Get("PolicyName").String()+" of "+who); err != nil {
			return err
		}
	}
	return nil
}

func attachments(owner Value, who string) []attachment {
	var all []attachment
	for _, p := range owner.Get("AttachedManagedPolicies").Items() {
		arn := p.Get("PolicyArn").String()
		all = append(all, attachment{arn, "policy " + arn + ", attached to " + who, policy.Identity, p})
	}
	return all
}

func (f *file) group(root, name Value) ([]attachment, error) {
	var found Value
	root.Get("GroupDetailList").Each(func(g Value) bool {
		if g.Get("GroupName").String() == name.String() {
			found = g
		}
		return found.Kind() == 0
	})
	if found.Kind() == 0 {
		return nil, f.errorf(name, "the group %q is not in the file%s", name.String(), partly(root))
	}
	who := "group " + name.String()
	if err := f.inline(found.Get("GroupPolicyList"), who); err != nil {
		return nil, err
	}
	return attachments(found, who), nil
}

// managed reads the documents of managed policies, each once a layer.
func (f *file) managed(root Value, attached []attachment) error {
	documents := make(map[string]Value)
	root.Get("Policies").Each(func(p Value) bool {
		if arn := p.Get("Arn").String(); slices.ContainsFunc(attached, func(a attachment) bool { return a.arn == arn }) {
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
		if version.Kind() == 0 {
			return f.errorf(p, "%s has no default version", a.arn)
		}
		layer := f.layer
		f.layer = a.layer
		err := f.document(version.Get("Document"), a.origin)
		if f.layer = layer; err != nil {
			return err
		}
	}
	return nil
}

// defaultVersion is the one in force; the others are history.
func defaultVersion(p Value) Value {
	id := p.Get("DefaultVersionId").String()
	var found Value
	p.Get("PolicyVersionList").Each(func(v Value) bool {
		if string(v.Get("IsDefaultVersion").Raw()) == "true" || id != "" && v.Get("VersionId").String() == id {
			found = v
		}
		return found.Kind() == 0
	})
	return found
}

// partly says why something may be missing.
func partly(root Value) string {
	if string(root.Get("IsTruncated").Raw()) == "true" {
		return ", which is one page of several: fetch all of them"
	}
	return ": fetch the details without --filter"
}
