package policyfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// file reads one file: a document, percent-encoded or not, output of the AWS
// CLI, a template, a plan.
type file struct {
	*reader // to which it adds
	layer   policy.Layer
	name    string
	text    []byte
	breaks  []int // offsets of the line breaks, once they are needed
}

// Add reads one document, as the IAM API returns it. Source is the policy's ARN
// or name. Origin names the user or group to which it is attached, if source
// does not.
func (s *Set) Add(layer policy.Layer, source, origin string, document []byte) error {
	f := &file{reader: (Sources{}).reader(), layer: layer, name: source, text: document}
	if err := f.read(); err != nil {
		return err
	}
	for _, d := range f.Documents {
		d.Origin = origin
	}
	s.Documents = append(s.Documents, f.Documents...)
	return nil
}

func (f *file) read() error {
	trimmed := strings.TrimSpace(string(f.text[:min(len(f.text), 64)]))
	switch {
	case strings.HasPrefix(trimmed, "%") && !strings.HasPrefix(trimmed, "%YAML"):
		whole := Value{Text: f.text, From: skipSpace(f.text, 0), To: len(f.text)}
		return f.encoded(whole, strings.TrimSpace(string(whole.Raw())), "")
	case json.Valid(f.text):
	case strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || trimmed == "":
		return f.add(Value{}, f.text, 1, "") // for the error, which names the line
	default:
		return f.otherLanguage()
	}
	root := NewValue(f.text)
	if root.Kind() == '"' {
		return f.document(root, "")
	}
	return f.object(root)
}

// object recognizes the output of the AWS CLI and other tools by its members.
func (f *file) object(root Value) error {
	if root.Kind() != '{' {
		return f.document(root, "")
	}
	if _, bare := root.Fold("Statement"); bare {
		return f.document(root, "")
	}
	if member, found := root.Duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.Name())
	}
	switch {
	case root.Get("UserDetailList").Kind() != 0:
		return f.account(root)
	case root.Get("PolicyVersion").Kind() == '{': // get-policy-version
		return f.version(root.Get("PolicyVersion"))
	case root.Get("PolicyDocument").Kind() != 0: // get-user-policy, get-group-policy
		if role := root.Get("RoleName"); role.Kind() != 0 {
			return f.readError(root, accountDetails, "the policy of the role %q, but only users are judged", role.String())
		}
		return f.wrapped(root, "PolicyDocument", inlineOrigin(root))
	case root.Get("Document").Kind() != 0: // --query PolicyVersion
		return f.version(root)
	case root.Get("Policy").Get("Content").Kind() != 0: // organizations describe-policy
		return f.organizational(root.Get("Policy"))
	case root.Get("Policy").Kind() == '"': // kms get-key-policy
		origin := strings.TrimSpace(string(policy.Key) + " " + root.Get("PolicyName").String())
		return f.as(policy.Key, func() error { return f.wrapped(root, "Policy", origin) })
	case root.Get("VpcEndpoints").Kind() == '[': // ec2 describe-vpc-endpoints
		return f.endpoint(root)
	case root.Get("format_version").Kind() != 0: // terraform show -json
		return f.terraform(root)
	case root.Get("Resources").Kind() == '{': // CloudFormation
		return f.template(treeOf(root))
	}
	if err := f.advise(root); err != nil {
		return err
	}
	return f.document(root, "")
}

// inlineOrigin names the policy in the output of get-user-policy or
// get-group-policy.
func inlineOrigin(root Value) string {
	name := root.Get("PolicyName").String()
	for member, kind := range map[string]string{"UserName": "user", "GroupName": "group"} {
		if owner := root.Get(member).String(); owner != "" && name != "" {
			return "inline policy " + name + " of " + kind + " " + owner
		}
	}
	return ""
}

// version reads a version of a managed policy, and notes if it is not the
// default version, which is the one in force.
func (f *file) version(at Value) error {
	if err := f.wrapped(at, "Document", ""); err != nil {
		return err
	}
	if string(at.Get("IsDefaultVersion").Raw()) == "false" {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: version %s is not the default version: it is not in force", f.name, at.Get("VersionId").String()))
	}
	return nil
}

// organizational reads a policy of AWS Organizations, which names its kind.
func (f *file) organizational(at Value) error {
	summary := at.Get("PolicySummary")
	layer := f.layer
	switch kind := summary.Get("Type").String(); kind {
	case "SERVICE_CONTROL_POLICY":
		layer = policy.SCP
	case "RESOURCE_CONTROL_POLICY":
		layer = policy.RCP
	case "":
	default:
		return f.errorf(at, "a %s, which allows and denies nothing", strings.ToLower(strings.ReplaceAll(kind, "_", " ")))
	}
	origin := ""
	if name := summary.Get("Name").String(); name != "" {
		origin = string(layer) + " " + name
	}
	return f.as(layer, func() error { return f.wrapped(at, "Content", origin) })
}

// as reads a document that names its layer. An SCP or RCP given by another
// option is a level of its own.
func (f *file) as(layer policy.Layer, read func() error) error {
	if layer == f.layer {
		return read()
	}
	was := f.layer
	f.layer = layer
	err := read()
	f.layer = was
	f.levels[layer]++
	return err
}

// endpoint reads the output of describe-vpc-endpoints with one endpoint.
func (f *file) endpoint(root Value) error {
	endpoints := root.Get("VpcEndpoints").Items()
	if len(endpoints) != 1 {
		return f.readError(root, "aws ec2 describe-vpc-endpoints --vpc-endpoint-ids ID", "%d VPC endpoints, and one is judged", len(endpoints))
	}
	return f.as(policy.Endpoint, func() error {
		return f.wrapped(endpoints[0], "PolicyDocument", "policy of "+endpoints[0].Get("VpcEndpointId").String())
	})
}

func (f *file) wrapped(wrapper Value, name, origin string) error {
	if member, found := wrapper.Duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.Name())
	}
	return f.document(wrapper.Get(name), origin)
}

func (f *file) errorf(at Value, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.name, f.line(at), fmt.Errorf(format, args...))
}

// line returns the line on which a value of the file begins, from 1.
func (f *file) line(v Value) int {
	if len(v.Text) == 0 || len(f.text) == 0 || &v.Text[0] != &f.text[0] {
		return v.Line()
	}
	if f.breaks == nil {
		f.breaks = []int{}
		for i, c := range f.text {
			if c == '\n' {
				f.breaks = append(f.breaks, i)
			}
		}
	}
	return 1 + sort.SearchInts(f.breaks, v.From)
}

// document reads a document that is an object, or a string, as the IAM API
// returns it.
func (f *file) document(at Value, origin string) error {
	switch at.Kind() {
	case '"':
		return f.encoded(at, at.String(), origin)
	case 0:
		return f.errorf(at, "there is no document")
	}
	return f.add(at, at.Raw(), f.line(at), origin)
}

// encoded reads a document in a string, which is on one line of the file.
func (f *file) encoded(at Value, text, origin string) error {
	if strings.HasPrefix(strings.TrimSpace(text), "%") {
		decoded, err := url.PathUnescape(strings.TrimSpace(text))
		if err != nil {
			return f.errorf(at, "undoing the percent-encoding: %w", err)
		}
		text = decoded
	}
	before := len(f.Documents)
	err := f.add(Value{}, []byte(oneLine(text)), f.line(at), origin)
	for _, d := range f.Documents[before:] {
		d.Root, d.Derived = NewValue([]byte(text)), true
	}
	return err
}

// add parses a document and adds it. If each document is judged by itself,
// those of another kind are passed over.
func (f *file) add(at Value, text []byte, line int, origin string) error {
	parsed, err := policy.ParseAt(f.layer, f.name, line, text)
	if f.each && f.layer == policy.Identity && errors.Is(err, policy.ErrPrincipal) {
		f.Notes = append(f.Notes, "passed over: "+err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if at.Kind() == 0 {
		at = NewValue(text)
	}
	f.put(&Document{Document: parsed, Root: at, Origin: origin})
	return nil
}

func (f *file) put(d *Document) {
	d.Layer, d.Level = f.layer, f.levels[f.layer]
	f.Documents = append(f.Documents, d)
}
