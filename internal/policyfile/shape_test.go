package policyfile

import (
	"net/url"
	"strings"
	"testing"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// shapes are one document in every shape, and the line of its statement. Lines
// are those of the file; a document that is a string stands on the string's.
func shapes() map[string]struct {
	text string
	line int
} {
	percent := strings.ReplaceAll(url.QueryEscape(deny), "+", "%20")
	wrapper := "{\n \"PolicyVersion\": {\n  \"Document\": @, \"VersionId\": \"v2\"}}"
	user := "{\n\"UserName\": \"alice\",\n\"PolicyName\": \"p\", \"PolicyDocument\":\n@}"
	in := func(wrapper, document string) string { return strings.ReplaceAll(wrapper, "@", document) }
	return map[string]struct {
		text string
		line int
	}{
		"bare":                              {deny, 2},
		"crlf":                              {strings.ReplaceAll(deny, "\n", "\r\n"), 2},
		"byte-order mark":                   {"\uFEFF" + deny, 2},
		"UTF-16":                            {utf16le(deny), 2},
		"percent":                           {percent, 1},
		"percent after LF":                  {"\n\n" + percent + "\n", 3},
		"string":                            {quoted(deny), 1},
		"percent string":                    {quoted(percent), 1},
		"get-policy-version, object":        {in(wrapper, deny), 4},
		"get-policy-version, UTF-16":        {utf16le(in(wrapper, deny)), 4},
		"get-policy-version, string":        {in(wrapper, quoted(deny)), 3},
		"get-policy-version, percent":       {in(wrapper, quoted(percent)), 3},
		"get-policy-version, PolicyVersion": {"{\"VersionId\": \"v1\",\n\"Document\": " + deny + "}", 3},
		"get-user-policy":                   {in(user, deny), 5},
		"get-user-policy, percent":          {in(user, quoted(percent)), 4},
		"get-group-policy":                  {strings.ReplaceAll(in(user, deny), "User", "Group"), 5},
		"describe-policy":                   {"{\"Policy\": {\"PolicySummary\": {},\n\"Content\": " + quoted(deny) + "}}", 2},
		"old case":                          {strings.ReplaceAll(deny, "Statement", "statement"), 2},
	}
}

func TestShapes(t *testing.T) {
	for name, c := range shapes() {
		path := put(t, t.TempDir(), "p.json", c.text)
		r, err := Sources{Policies: []string{path}}.Read()
		if err != nil || len(r.Documents) != 1 {
			t.Errorf("%s: %v, %+v", name, err, r)
			continue
		}
		d := r.Documents[0]
		if s := d.Statements[0]; s.Line != c.line || s.Sid != `Größe "+1"` || s.Source != path || d.Layer != policy.Identity || r.Complete {
			t.Errorf("%s: %+v, want line %d", name, s, c.line)
		}
		if _, found := d.Root.Fold("Statement"); !found {
			t.Errorf("%s: the document is not found in its text", name)
		}
	}
}

// trust is a policy of another kind.
const trust = `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}`

// unreadable is what is not judged, and how it is said after the file's name.
var unreadable = []struct{ text, want string }{
	{"", ":1: the document is empty"},
	{"{\n\"Statement\": [}", ":2: not valid JSON: invalid character '}' looking for beginning of value"},
	{"[]", ":1: the document is a list, not an object"},
	{"7", ":1: the document is a number, not an object"},
	{`"x"`, ":1: not valid JSON: invalid character 'x' looking for beginning of value"},
	{`"%7B%zz"`, `:1: undoing the percent-encoding: invalid URL escape "%zz"`},
	{"\n%7B%zz", `:2: undoing the percent-encoding: invalid URL escape "%zz"`},
	{"{}", ":1: the document has no Statement, so it is not a policy"},
	{`{"PolicyVersion": {}}`, ":1: there is no document"},
	{`{"PolicyVersion": {"Document": null}}`, ":1: the document is null, not an object"},
	{`{"PolicyVersion": {"Document": 3}}`, ":1: the document is a number, not an object"},
	{"{\"PolicyVersion\": {},\n\"PolicyVersion\": {}}", `:2: duplicate key "PolicyVersion"`},
	{"{\"PolicyVersion\": {\"Document\": {},\n\"Document\": {}}}", `:2: duplicate key "Document"`},
	{"{\"PolicyVersion\": {\n\"Document\": " + trust + "}}", ":2: statement 1 names a principal"},
	{"{\"Statement\": [],\n\"Statement\": []}", `:2: duplicate key "Statement", first on line 1: IAM refuses such a document`},
	{`{"RoleName": "r", "PolicyDocument": {}}`, `:1: the policy of the role "r", but only users are judged`},
	{`{"Policy": {"Arn": "arn:x", "DefaultVersionId": "v2"}}`, ":1: the answer of get-policy, which has no document: aws iam get-policy-version --policy-arn arn:x --version-id v2"},
	{`{"UserDetailList": [{"UserName": "a"}, {}]}`, ":1: an account's details, with 2 users: --user NAME says whose policies to judge"},
	{trust, ":1: statement 1 names a principal"},
}

func TestUnreadable(t *testing.T) {
	directory := t.TempDir()
	for _, c := range unreadable {
		path := put(t, directory, "p.json", c.text)
		// A document beside it that can be read must not be judged alone.
		r, err := Sources{Policies: []string{"-", path}, Stdin: strings.NewReader(deny)}.Read()
		if err == nil || len(r.Documents) > 0 || !strings.HasPrefix(err.Error(), path+c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}
