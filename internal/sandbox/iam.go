package sandbox

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

var iamAPI = api{
	namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
	version:   "2010-05-08",
	actions: map[string]action{
		"ListMFADevices": listMFADevices,
		"GetUser":        getUser,

		"CreateVirtualMFADevice": createVirtualMFADevice, "DeleteVirtualMFADevice": deleteVirtualMFADevice,
		"ListVirtualMFADevices": listVirtualMFADevices, "EnableMFADevice": enableMFADevice, "DeactivateMFADevice": deactivateMFADevice,
		"CreateAccessKey": createAccessKey, "UpdateAccessKey": updateAccessKey, "DeleteAccessKey": deleteAccessKey,
		"ListAccessKeys": listAccessKeys,

		"ListUserPolicies": listInline("ListUserPolicies"), "GetUserPolicy": getInline("GetUserPolicy"),
		"ListGroupPolicies": listInline("ListGroupPolicies"), "GetGroupPolicy": getInline("GetGroupPolicy"),
		"ListAttachedUserPolicies": listAttached("ListAttachedUserPolicies"), "ListAttachedGroupPolicies": listAttached("ListAttachedGroupPolicies"),
		"GetPolicy": getPolicy, "GetPolicyVersion": getPolicyVersion, "ListGroupsForUser": listGroupsForUser,
		"SimulatePrincipalPolicy": simulatePrincipalPolicy,
	},
}

type userResult struct {
	XMLName    xml.Name  `xml:"GetUserResult"`
	Path       string    `xml:"User>Path"`
	UserName   string    `xml:"User>UserName"`
	UserID     string    `xml:"User>UserId"`
	Arn        string    `xml:"User>Arn"`
	CreateDate string    `xml:"User>CreateDate"`
	Boundary   *boundary `xml:"User>PermissionsBoundary"`
}

type boundary struct{ PermissionsBoundaryType, PermissionsBoundaryArn string }

func getUser(c *call) (any, *failure) {
	u, refused := c.subject("iam:GetUser")
	if refused != nil {
		return nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	result := &userResult{Path: "/", UserName: u.Name, UserID: u.id, Arn: u.ARN(), CreateDate: u.created.Format(time.RFC3339)}
	if arn := u.boundaryText.Name; arn != "" {
		result.Boundary = &boundary{"PermissionsBoundaryPolicy", arn}
	}
	return result, nil
}

// subject returns the user that the call names, or the caller if it names none.
// It fails if the caller's policies do not allow the action on that user.
func (c *call) subject(actionName string) (*User, *failure) {
	name := c.form.Get("UserName")
	if name == "" {
		if c.who.role() != nil {
			return nil, &failure{400, "ValidationError", "Must specify userName when calling with non-User credentials"}
		}
		name = c.who.name
	}
	if refused := c.authorize(actionName, "user/"+name, "user "+name); refused != nil {
		return nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	for _, u := range c.world.users {
		if u.Name == name && u.partition == c.who.partition && c.who.account == Account {
			return u, nil
		}
	}
	return nil, &failure{404, "NoSuchEntity", fmt.Sprintf("The user with name %s cannot be found.", name)}
}

// authorize evaluates the caller's policies for a resource of the account.
// words names the resource in AWS's message.
func (c *call) authorize(actionName, resource, words string) *failure {
	// "You cannot call any IAM API operations unless MFA authentication
	// information is included in the request" (GetSessionToken's reference).
	if s := c.who.session; s != nil && s.role == nil && !s.mfa {
		return invalidClientToken
	}
	decision := c.who.policies.Evaluate(policy.Request{Action: actionName,
		Resource: fmt.Sprintf("arn:%s:iam::%s:%s", c.who.partition, c.who.account, resource),
		Context:  c.who.context(c.world.Clock.Now(), c.at.region)})
	if decision.Outcome == policy.Allowed {
		return nil
	}
	reason := "because no identity-based policy allows the " + actionName + " action"
	if decision.Outcome == policy.ExplicitDeny {
		reason = "with an explicit deny in an identity-based policy"
	}
	return &failure{403, "AccessDenied", fmt.Sprintf(
		"User: %s is not authorized to perform: %s on resource: %s %s", c.who.arn, actionName, words, reason)}
}

// A PolicyText is a policy as IAM returns it. Its name says where it is
// attached: an ARN is a managed policy, "group/NAME" an inline policy of that
// group, anything else an inline policy of the user.
type PolicyText struct{ Name, Text string }

// SetPolicyTexts replaces the user's policies. IAM's read actions show them.
func (u *User) SetPolicyTexts(texts ...PolicyText) error {
	documents, err := parseTexts(texts)
	if err != nil {
		return err
	}
	u.SetPolicies(documents...)
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	u.texts = texts
	return nil
}

// SetBoundary attaches a managed policy as the user's permissions boundary. A
// policy without a name removes it.
func (u *User) SetBoundary(t PolicyText) error {
	documents, err := parseTexts([]PolicyText{t}[:min(len(t.Name), 1)])
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	if err == nil {
		u.boundaryText, u.boundary = t, documents
	}
	return err
}

// SetSCPs sets the organization's service control policies. They restrict every
// user and role. IAM does not show them in a member account, but its simulator
// applies them.
func (w *World) SetSCPs(texts ...PolicyText) error {
	documents, err := parseTexts(texts)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.scps = documents
	}
	return err
}

// organization returns the service control policies as one level.
func (w *World) organization() [][]*policy.Document {
	if len(w.scps) == 0 {
		return nil
	}
	return [][]*policy.Document{w.scps}
}

func parseTexts(texts []PolicyText) ([]*policy.Document, error) {
	var documents []*policy.Document
	for _, t := range texts {
		d, err := policy.Parse(t.Name, []byte(t.Text))
		if err != nil {
			return nil, fmt.Errorf("parsing a policy: %w", err)
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// shownTexts returns the user's policies as IAM shows them. Policies that
// SetPolicies set have no text, so those of a new user are shown. The caller
// holds w.mu.
func (u *User) shownTexts() []PolicyText {
	if u.texts != nil {
		return u.texts
	}
	arn := "arn:" + u.partition + ":iam::"
	return []PolicyText{{arn + Account + ":policy/ForceMFA", string(ForceMFA)}, {arn + "aws:policy/AdministratorAccess", administratorAccess}}
}

// read returns the user that a read action names, with the user's policies.
func (c *call) read(actionName string) (*User, []PolicyText, *failure) {
	u, refused := c.subject(actionName)
	if refused != nil {
		return nil, nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	return u, u.shownTexts(), nil
}

// place returns where a policy is attached ("managed", "inline" or
// "group/NAME"), and its name there.
func (t PolicyText) place() (kind, name string) {
	if strings.HasPrefix(t.Name, "arn:") {
		return "managed", t.Name[strings.LastIndexByte(t.Name, '/')+1:]
	}
	if group, ok := strings.CutPrefix(t.Name, "group/"); ok {
		return "group/" + group, group + "-policy"
	}
	return "inline", t.Name
}

type policyNamesResult struct {
	XMLName     xml.Name
	IsTruncated bool
	Names       []string `xml:"PolicyNames>member"`
}

type attachedPolicy struct{ PolicyName, PolicyArn string }

type attachedPoliciesResult struct {
	XMLName     xml.Name
	IsTruncated bool
	Attached    []attachedPolicy `xml:"AttachedPolicies>member"`
}

// listInline lists the inline policies of the user, or of a group.
func listInline(actionName string) action {
	return func(c *call) (any, *failure) {
		_, texts, refused := c.read("iam:" + actionName)
		if refused != nil {
			return nil, refused
		}
		result := &policyNamesResult{XMLName: xml.Name{Local: actionName + "Result"}}
		for _, t := range texts {
			if kind, name := t.place(); kind == c.holder() {
				result.Names = append(result.Names, name)
			}
		}
		return result, nil
	}
}

// holder returns the place of the inline policies that a call names.
func (c *call) holder() string {
	if group := c.form.Get("GroupName"); group != "" {
		return "group/" + group
	}
	return "inline"
}

// listAttached lists the managed policies; groups have none here.
func listAttached(actionName string) action {
	return func(c *call) (any, *failure) {
		_, texts, refused := c.read("iam:" + actionName)
		if refused != nil {
			return nil, refused
		}
		result := &attachedPoliciesResult{XMLName: xml.Name{Local: actionName + "Result"}}
		for _, t := range texts {
			if kind, name := t.place(); kind == "managed" && c.holder() == "inline" {
				result.Attached = append(result.Attached, attachedPolicy{name, t.Name})
			}
		}
		return result, nil
	}
}

type policyDocumentResult struct {
	XMLName        xml.Name
	UserName       string `xml:",omitempty"`
	GroupName      string `xml:",omitempty"`
	PolicyName     string
	PolicyDocument string
}

// getInline returns a document percent-encoded, as IAM does (RFC 3986).
func getInline(actionName string) action {
	return func(c *call) (any, *failure) {
		u, texts, refused := c.read("iam:" + actionName)
		if refused != nil {
			return nil, refused
		}
		for _, t := range texts {
			if kind, name := t.place(); kind == c.holder() && name == c.form.Get("PolicyName") {
				return &policyDocumentResult{xml.Name{Local: actionName + "Result"}, u.Name, c.form.Get("GroupName"), name, url.PathEscape(t.Text)}, nil
			}
		}
		return nil, noSuchPolicy
	}
}

var noSuchPolicy = &failure{404, "NoSuchEntity", "The policy cannot be found."}

type policyResult struct {
	XMLName          xml.Name `xml:"GetPolicyResult"`
	PolicyName       string   `xml:"Policy>PolicyName"`
	Arn              string   `xml:"Policy>Arn"`
	DefaultVersionID string   `xml:"Policy>DefaultVersionId"`
}

func getPolicy(c *call) (any, *failure) {
	t, refused := c.managed("iam:GetPolicy")
	if refused != nil {
		return nil, refused
	}
	_, name := t.place()
	return &policyResult{PolicyName: name, Arn: t.Name, DefaultVersionID: "v1"}, nil
}

type policyVersionResult struct {
	XMLName          xml.Name `xml:"GetPolicyVersionResult"`
	Document         string   `xml:"PolicyVersion>Document"`
	VersionID        string   `xml:"PolicyVersion>VersionId"`
	IsDefaultVersion bool     `xml:"PolicyVersion>IsDefaultVersion"`
}

func getPolicyVersion(c *call) (any, *failure) {
	t, refused := c.managed("iam:GetPolicyVersion")
	if refused != nil {
		return nil, refused
	}
	return &policyVersionResult{Document: url.PathEscape(t.Text), VersionID: "v1", IsDefaultVersion: true}, nil
}

// managed returns the managed policy or permissions boundary that a call names.
func (c *call) managed(actionName string) (PolicyText, *failure) {
	u, texts, refused := c.read(actionName)
	if refused != nil {
		return PolicyText{}, refused
	}
	c.world.mu.Lock()
	texts = append(slices.Clip(texts), u.boundaryText)
	c.world.mu.Unlock()
	for _, t := range texts {
		if t.Name != "" && t.Name == c.form.Get("PolicyArn") {
			return t, nil
		}
	}
	return PolicyText{}, noSuchPolicy
}

type groupMember struct{ GroupName, GroupId string }

type groupsResult struct {
	XMLName     xml.Name `xml:"ListGroupsForUserResult"`
	IsTruncated bool
	Groups      []groupMember `xml:"Groups>member"`
}

func listGroupsForUser(c *call) (any, *failure) {
	_, texts, refused := c.read("iam:ListGroupsForUser")
	if refused != nil {
		return nil, refused
	}
	result := &groupsResult{}
	for _, t := range texts {
		if kind, _ := t.place(); strings.HasPrefix(kind, "group/") {
			result.Groups = append(result.Groups, groupMember{strings.TrimPrefix(kind, "group/"), "AGPAEXAMPLE"})
		}
	}
	return result, nil
}
