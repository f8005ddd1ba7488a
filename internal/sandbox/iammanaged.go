package sandbox

import (
	"encoding/xml"
	"net/url"
	"slices"
	"strings"
)

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

// managed is the caller's managed policy that a call names, the permissions
// boundary too.
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
