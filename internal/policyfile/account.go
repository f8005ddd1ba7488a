package policyfile

import (
	"fmt"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/internal/shell"
	"github.com/git-credential-mfa/git-credential-mfa/internal/spelling"
	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// account is the output of get-account-authorization-details, from which each
// user's policies can be taken. Each document is parsed once.
type account struct {
	*file
	root     Value
	users    []Value
	groups   map[string]Value
	managed  map[string]Value // by ARN
	owned    map[string][]*Document
	attached map[string]*Document
}

// account reads an account's details: one user's policies now, or those of all
// users later.
func (f *file) account(root Value) error {
	if f.layer != policy.Identity {
		return f.errorf(root, "an account's details are for --policy: the boundary is taken from there")
	}
	if f.each {
		return f.errorf(root, "an account's details: --all-users judges each user")
	}
	a := f.index(root)
	if f.wanted == allUsers {
		f.accounts = append(f.accounts, a)
		return nil
	}
	user, err := a.find(f.Set.User)
	if err != nil {
		return err
	}
	set, err := a.set(user)
	if err != nil {
		return err
	}
	f.Documents = append(f.Documents, set.Documents...)
	f.Set.User, f.Complete = set.User, true
	return nil
}

// index maps groups and policies by name, in one pass over the file.
func (f *file) index(root Value) *account {
	a := &account{
		file: &file{reader: f.reader, layer: f.layer, name: f.name, text: f.text}, root: root,
		users: root.Get("UserDetailList").Items(), groups: make(map[string]Value), managed: make(map[string]Value),
		owned: make(map[string][]*Document), attached: make(map[string]*Document),
	}
	root.Get("GroupDetailList").Each(func(g Value) bool {
		a.groups[g.Get("GroupName").String()] = g
		return true
	})
	root.Get("Policies").Each(func(p Value) bool {
		a.managed[p.Get("Arn").String()] = p
		return true
	})
	return a
}

// find returns the wanted user, by name or ARN. Case does not matter, as IAM's
// names differ in more than that (reference_iam-quotas, "IAM name
// requirements").
func (a *account) find(wanted User) (Value, error) {
	var found []Value
	var names []string
	for _, u := range a.users {
		name := u.Get("UserName").String()
		names = append(names, name)
		if wanted.ARN == "" && wanted.Name != "" && strings.EqualFold(name, wanted.Name) || wanted.ARN != "" && u.Get("Arn").String() == wanted.ARN {
			found = append(found, u)
		}
	}
	list := a.root.Get("UserDetailList")
	asked := wanted.Name
	if wanted.ARN != "" {
		asked = wanted.ARN
	}
	switch {
	case asked == "":
		return Value{}, a.errorf(list, "an account's details, with %s: --user NAME says whose policies to judge, --all-users judges all", plural(len(names)))
	case len(found) > 1:
		return Value{}, a.errorf(found[1], "the user %q is there %d times", asked, len(found))
	case len(found) == 1:
		return found[0], nil
	}
	if meant := spelling.Closest(wanted.Name, names); meant != "" {
		return Value{}, a.readError(list, "git-credential-mfa doctor --policy "+shell.Join(a.name, "--user", meant), "there is no user %q among the %s, did you mean %s?", asked, plural(len(names)), meant)
	}
	return Value{}, a.errorf(list, "there is no user %q among the %s", asked, plural(len(names)))
}

func plural(users int) string {
	if users == 1 {
		return "1 user"
	}
	return fmt.Sprintf("%d users", users)
}

// set returns the policies of a user: inline and attached ones, those of the
// groups, and the boundary.
func (a *account) set(user Value) (Set, error) {
	set := Set{Complete: true, User: User{Name: user.Get("UserName").String(), ARN: user.Get("Arn").String(), ID: user.Get("UserId").String()}}
	if member, found := user.Duplicate(); found {
		return set, a.errorf(member, "duplicate key %q", member.Name())
	}
	set.User.Tags = tagsOf(user.Get("Tags"))
	who := "user " + set.User.Name
	inline, err := a.inline(user.Get("UserPolicyList"), who)
	if err != nil {
		return set, err
	}
	set.Documents = inline
	attached := attachments(user, who)
	for _, name := range user.Get("GroupList").Items() {
		group, found := a.groups[name.String()]
		if !found {
			return set, a.readError(name, accountDetails, "the group %q is not in the file, which %s", name.String(), partly(a.root))
		}
		inline, err := a.inline(group.Get("GroupPolicyList"), "group "+name.String())
		if err != nil {
			return set, err
		}
		set.Documents = append(set.Documents, inline...)
		attached = append(attached, attachments(group, "group "+name.String())...)
	}
	if boundary := user.Get("PermissionsBoundary").Get("PermissionsBoundaryArn"); boundary.Kind() != 0 {
		arn := boundary.String()
		attached = append(attached, attachment{arn, "permissions boundary " + arn + " of " + who, policy.Boundary, boundary})
	}
	more, err := a.attachedDocuments(attached)
	set.Documents = append(set.Documents, more...)
	return set, err
}

// tagsOf returns a user's tags. The map is not nil, even if there are none.
func tagsOf(list Value) map[string]string {
	tags := make(map[string]string)
	for _, tag := range list.Items() {
		tags[tag.Get("Key").String()] = tag.Get("Value").String()
	}
	return tags
}

// inline reads the inline policies of a user or a group, once.
func (a *account) inline(policies Value, who string) ([]*Document, error) {
	if documents, found := a.owned[who]; found {
		return documents, nil
	}
	var all []*Document
	for _, p := range policies.Items() {
		if member, found := p.Duplicate(); found {
			return nil, a.errorf(member, "duplicate key %q", member.Name())
		}
		d, err := a.one(p.Get("PolicyDocument"), policy.Identity, "inline policy "+p.Get("PolicyName").String()+" of "+who)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	a.owned[who] = all
	return all, nil
}

// one parses one document of the file.
func (a *account) one(at Value, layer policy.Layer, origin string) (*Document, error) {
	f := &file{reader: Sources{}.reader(), layer: layer, name: a.name, text: a.text, breaks: a.breaks}
	err := f.document(at, origin)
	a.breaks = f.breaks
	if err != nil {
		return nil, err
	}
	return f.Documents[0], nil
}

// attachment is a managed policy of a user or a group.
type attachment struct {
	arn, origin string
	layer       policy.Layer
	at          Value
}

func attachments(owner Value, who string) []attachment {
	var all []attachment
	for _, p := range owner.Get("AttachedManagedPolicies").Items() {
		arn := p.Get("PolicyArn").String()
		all = append(all, attachment{arn, "policy " + arn + ", attached to " + who, policy.Identity, p})
	}
	return all
}

// attachedDocuments reads the documents of managed policies, each once for each
// layer. The origin of a policy that is attached twice names both users or
// groups.
func (a *account) attachedDocuments(attached []attachment) ([]*Document, error) {
	var all []*Document
	taken := make(map[[2]string]*Document)
	for _, at := range attached {
		key := [2]string{at.arn, string(at.layer)}
		if first, found := taken[key]; found {
			_, who, _ := strings.Cut(at.origin, ", attached")
			first.Origin += " and" + who
			continue
		}
		parsed, err := a.managedDocument(at)
		if err != nil {
			return nil, err
		}
		d := *parsed
		d.Origin = at.origin
		taken[key] = &d
		all = append(all, &d)
	}
	return all, nil
}

// managedDocument is the default version of a managed policy, parsed once.
func (a *account) managedDocument(at attachment) (*Document, error) {
	key := string(at.layer) + " " + at.arn
	if d, found := a.attached[key]; found {
		return d, nil
	}
	p, found := a.managed[at.arn]
	if !found {
		return nil, a.readError(at.at, accountDetails, "%s is not in the file, which %s", at.arn, partly(a.root))
	}
	version := defaultVersion(p)
	if version.Kind() == 0 {
		return nil, a.errorf(p, "%s has no default version", at.arn)
	}
	d, err := a.one(version.Get("Document"), at.layer, "")
	if err == nil {
		a.attached[key] = d
	}
	return d, err
}

// defaultVersion returns the version in force.
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

// partly says why the file may lack something.
func partly(root Value) string {
	if string(root.Get("IsTruncated").Raw()) == "true" {
		return "is one page of several"
	}
	return "may have been made with --filter"
}
