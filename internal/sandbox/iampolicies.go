package sandbox

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// A PolicyText is a policy as IAM hands it out. Its name says where it is
// attached: an ARN is a managed policy, "group/NAME" an inline one of that
// group, anything else an inline one of the user.
type PolicyText struct{ Name, Text string }

// SetPolicyTexts puts other policies in place of the user's, which IAM's read
// actions show, too.
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

// SetBoundary attaches a managed policy as the user's permissions boundary; one
// without a name takes it away.
func (u *User) SetBoundary(t PolicyText) error {
	documents, err := parseTexts([]PolicyText{t}[:min(len(t.Name), 1)])
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	if err == nil {
		u.boundaryText, u.boundary = t, documents
	}
	return err
}

// SetSCPs are the organization's service control policies. They restrict every
// user and role, and IAM shows them to nobody in a member account; only its
// simulator knows them.
func (w *World) SetSCPs(texts ...PolicyText) error {
	documents, err := parseTexts(texts)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.scps = documents
	}
	return err
}

// organization has the service control policies on one level.
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

// shownTexts are the user's policies; w.mu is held. Policies that were set as
// documents have no text to show, but for those of a new user.
func (u *User) shownTexts() []PolicyText {
	if u.texts != nil {
		return u.texts
	}
	arn := "arn:" + u.partition + ":iam::"
	return []PolicyText{{arn + Account + ":policy/ForceMFA", string(ForceMFA)}, {arn + "aws:policy/AdministratorAccess", administratorAccess}}
}

// read is the user that a reading call is about, with the policies.
func (c *call) read(actionName string) (*User, []PolicyText, *failure) {
	u, refused := c.subject(actionName)
	if refused != nil {
		return nil, nil, refused
	}
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	return u, u.shownTexts(), nil
}

// place is where a policy is attached: "managed", "inline", or a group.
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

// holder is whose inline policies a call is about.
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

// getInline gives a document percent-encoded, as IAM does (RFC 3986).
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
