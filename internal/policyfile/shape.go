package policyfile

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// file reads one file in whichever of the shapes that policies are found in: a
// bare document, percent-encoded or not, or one of the AWS CLI's answers.
type file struct {
	*Set         // to which it adds
	user  string // of a whole account, or ""
	layer policy.Layer
	name  string
	text  []byte
}

// Add reads one document, as the IAM API gives it. Source names it: an ARN, or
// words. Origin says where it is attached, if the source does not.
func (s *Set) Add(layer policy.Layer, source, origin string, document []byte) error {
	f := &file{Set: s, layer: layer, name: source, text: document}
	before := len(s.Documents)
	if err := f.read(); err != nil {
		return err
	}
	for _, d := range s.Documents[before:] {
		d.Origin = origin
	}
	return nil
}

func (f *file) read() error {
	trimmed := strings.TrimSpace(string(f.text[:min(len(f.text), 64)]))
	if strings.HasPrefix(trimmed, "%") {
		whole := Value{Text: f.text, From: skipSpace(f.text, 0), To: len(f.text)}
		return f.encoded(whole, strings.TrimSpace(string(whole.Raw())), "")
	}
	if !json.Valid(f.text) {
		return f.add(Value{}, f.text, 1, "")
	}
	root := NewValue(f.text)
	if root.Kind() == '"' {
		return f.document(root, "")
	}
	return f.object(root)
}

// object tells the AWS CLI's answers apart by their members.
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
		return f.wrapped(root.Get("PolicyVersion"), "Document")
	case root.Get("PolicyDocument").Kind() != 0: // get-user-policy, get-group-policy
		if role := root.Get("RoleName"); role.Kind() != 0 {
			return f.errorf(root, "the policy of the role %q, and users are judged here", role.String())
		}
		return f.wrapped(root, "PolicyDocument")
	case root.Get("Document").Kind() != 0: // --query PolicyVersion
		return f.wrapped(root, "Document")
	case root.Get("Policy").Get("Content").Kind() != 0: // organizations describe-policy
		return f.wrapped(root.Get("Policy"), "Content")
	case root.Get("Policy").Get("DefaultVersionId").Kind() != 0:
		return f.errorf(root, "the answer of get-policy, which has no document: aws iam get-policy-version --policy-arn %s --version-id %s",
			root.Get("Policy").Get("Arn").String(), root.Get("Policy").Get("DefaultVersionId").String())
	}
	return f.document(root, "")
}

func (f *file) wrapped(wrapper Value, name string) error {
	if member, found := wrapper.Duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.Name())
	}
	return f.document(wrapper.Get(name), "")
}

func (f *file) errorf(at Value, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.name, at.Line(), fmt.Errorf(format, args...))
}

// document reads one that stands in the file as an object or as a string, as the
// IAM API returns it.
func (f *file) document(at Value, origin string) error {
	switch at.Kind() {
	case '"':
		return f.encoded(at, at.String(), origin)
	case 0:
		return f.errorf(at, "there is no document")
	}
	return f.add(at, at.Raw(), at.Line(), origin)
}

// encoded reads a document that is a text on one line of the file.
func (f *file) encoded(at Value, text, origin string) error {
	if strings.HasPrefix(strings.TrimSpace(text), "%") {
		decoded, err := url.PathUnescape(strings.TrimSpace(text))
		if err != nil {
			return f.errorf(at, "undoing the percent-encoding: %w", err)
		}
		text = decoded
	}
	own := []byte(text)
	if err := f.add(Value{}, []byte(oneLine(text)), at.Line(), origin); err != nil {
		return err
	}
	d := f.Documents[len(f.Documents)-1]
	d.Root = NewValue(own)
	return nil
}

func (f *file) add(at Value, text []byte, line int, origin string) error {
	parsed, err := policy.ParseAt(f.layer, f.name, line, text)
	if err != nil {
		return err
	}
	if at.Kind() == 0 {
		at = NewValue(text)
	}
	f.Documents = append(f.Documents, &Document{Document: parsed, Layer: f.layer, Origin: origin, Root: at})
	return nil
}
