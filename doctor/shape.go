package doctor

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// shape reads one file in whichever of the shapes that policies are found in: a
// bare document, percent-encoded or not, or one of the AWS CLI's answers.
type shape struct {
	*gatherer
	layer policy.Layer
	name  string
	text  []byte
}

func (f *shape) read() error {
	trimmed := strings.TrimSpace(string(f.text[:min(len(f.text), 64)]))
	if strings.HasPrefix(trimmed, "%") {
		whole := span{text: f.text, from: skipSpace(f.text, 0), to: len(f.text)}
		return f.encoded(whole, strings.TrimSpace(string(whole.raw())), "")
	}
	if !json.Valid(f.text) {
		return f.add(span{}, f.text, 1, "")
	}
	root := newSpan(f.text)
	if root.kind() == '"' {
		return f.document(root, "")
	}
	return f.object(root)
}

// object tells the AWS CLI's answers apart by their members.
func (f *shape) object(root span) error {
	if root.kind() != '{' {
		return f.document(root, "")
	}
	if _, bare := root.fold("Statement"); bare {
		return f.document(root, "")
	}
	if member, found := root.duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.name())
	}
	switch {
	case root.get("UserDetailList").kind() != 0:
		return f.account(root)
	case root.get("PolicyVersion").kind() == '{': // get-policy-version
		return f.wrapped(root.get("PolicyVersion"), "Document")
	case root.get("PolicyDocument").kind() != 0: // get-user-policy, get-group-policy
		if role := root.get("RoleName"); role.kind() != 0 {
			return f.errorf(root, "the policy of the role %q, and users are judged here", role.string())
		}
		return f.wrapped(root, "PolicyDocument")
	case root.get("Document").kind() != 0: // --query PolicyVersion
		return f.wrapped(root, "Document")
	case root.get("Policy").get("Content").kind() != 0: // organizations describe-policy
		return f.wrapped(root.get("Policy"), "Content")
	case root.get("Policy").get("DefaultVersionId").kind() != 0:
		return f.errorf(root, "the answer of get-policy, which has no document: aws iam get-policy-version --policy-arn %s --version-id %s",
			root.get("Policy").get("Arn").string(), root.get("Policy").get("DefaultVersionId").string())
	}
	return f.document(root, "")
}

func (f *shape) wrapped(wrapper span, name string) error {
	if member, found := wrapper.duplicate(); found {
		return f.errorf(member, "duplicate key %q", member.name())
	}
	return f.document(wrapper.get(name), "")
}

func (f *shape) errorf(at span, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", f.name, at.line(), fmt.Errorf(format, args...))
}

// document reads one that stands in the file as an object or as a string, as the
// IAM API returns it.
func (f *shape) document(at span, origin string) error {
	switch at.kind() {
	case '"':
		return f.encoded(at, at.string(), origin)
	case 0:
		return f.errorf(at, "there is no document")
	}
	return f.add(at, at.raw(), at.line(), origin)
}

// encoded reads a document that is a text on one line of the file.
func (f *shape) encoded(at span, text, origin string) error {
	if strings.HasPrefix(strings.TrimSpace(text), "%") {
		decoded, err := url.PathUnescape(strings.TrimSpace(text))
		if err != nil {
			return f.errorf(at, "undoing the percent-encoding: %w", err)
		}
		text = decoded
	}
	own := []byte(text)
	if err := f.add(span{}, []byte(oneLine(text)), at.line(), origin); err != nil {
		return err
	}
	d := f.Documents[len(f.Documents)-1]
	d.text, d.root = own, newSpan(own)
	return nil
}

func (f *shape) add(at span, text []byte, line int, origin string) error {
	parsed, err := policy.ParseAt(f.name, line, text)
	if err != nil {
		return err
	}
	if at.kind() == 0 {
		at = newSpan(text)
	}
	f.Documents = append(f.Documents, &Document{Document: parsed, Layer: f.layer, Origin: origin, text: at.text, root: at})
	return nil
}
