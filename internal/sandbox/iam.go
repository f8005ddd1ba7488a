package sandbox

import (
	"encoding/xml"
	"fmt"
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

type mfaDevice struct {
	UserName     string
	SerialNumber string
	EnableDate   string
}

type mfaDevicesResult struct {
	XMLName     xml.Name    `xml:"ListMFADevicesResult"`
	IsTruncated bool        // never: a user has 8 devices at most
	Devices     []mfaDevice `xml:"MFADevices>member"`
}

// listMFADevices lists FIDO devices too, as AWS does; nothing but the ARN
// tells a client that STS cannot use them.
func listMFADevices(c *call) (any, *failure) {
	u, refused := c.subject("iam:ListMFADevices")
	if refused != nil {
		return nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	result := &mfaDevicesResult{}
	for _, d := range u.devices {
		result.Devices = append(result.Devices, mfaDevice{u.Name, d.Serial, d.enabled.Format(time.RFC3339)})
	}
	return result, nil
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

// subject is the user that a call is about, the caller unless it is named,
// when the caller's policies permit the action on them.
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

// authorize judges the caller's policies about a resource of the account, of
// which the message speaks as AWS does.
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
