package policyfile

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// accountFile is doctor/testdata/account.json, written by hand in the form of
// aws iam get-account-authorization-details.
var accountFile = filepath.ToSlash(filepath.Join("..", "..", "doctor", "testdata", "account.json"))

func readAccount(t *testing.T, user string) Set {
	t.Helper()
	r, err := Sources{Policies: []string{accountFile}, User: user}.Read()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAccount collects a user's policies: all of them, each once, the default
// versions, and nobody else's.
func TestAccount(t *testing.T) {
	r := readAccount(t, "ALICE")
	var got []string
	for _, d := range r.Documents {
		got = append(got, fmt.Sprintf("%s: %s: %s", d.Layer, d.Origin, d.Statements[0].Sid))
	}
	want := []string{
		"identity policy: inline policy own of user alice: UserInline",
		"identity policy: inline policy encoded of user alice: UserEncoded",
		"identity policy: inline policy mfa of group developers: AskForMFA",
		"identity policy: policy arn:aws:iam::210987654321:policy/Shared, attached to user alice and to group developers: SharedV2",
		"identity policy: policy arn:aws:iam::aws:policy/AWSCodeCommitPowerUser, attached to group developers: PowerUser",
		"permissions boundary: permissions boundary arn:aws:iam::210987654321:policy/Shared of user alice: SharedV2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	user := User{Name: "alice", ARN: "arn:aws:iam::210987654321:user/staff/alice", ID: "AIDAEXAMPLEALICE", Tags: map[string]string{}}
	if !reflect.DeepEqual(r.User, user) || r.User.Account() != "210987654321" || !r.Complete {
		t.Errorf("%+v, complete %t", r.User, r.Complete)
	}
	text, err := os.ReadFile(accountFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Documents {
		s := d.Statements[0]
		lines := strings.Split(string(text), "\n")
		if near := strings.Join(lines[s.Line-1:min(s.Line+1, len(lines))], "\n"); !strings.Contains(near, s.Sid) {
			t.Errorf("%s: line %d is %q", s.Sid, s.Line, near)
		}
	}
}

func TestAccountErrors(t *testing.T) {
	const page = `{"UserDetailList": [{"UserName": "a", "GroupList": ["g"]}, {"UserName": "b",
"AttachedManagedPolicies": [{"PolicyArn": "arn:p"}]}, {"UserName": "c",
"UserName": "c"}, {"UserName": "d", "AttachedManagedPolicies": [{"PolicyArn": "arn:q"}]}, {"UserName": "e"}, {"UserName": "E"}],
"Policies": [{"Arn": "arn:q", "PolicyVersionList": [{"Document": {}, "IsDefaultVersion": false}]}], "IsTruncated": @}`
	for _, c := range []struct{ user, truncated, want string }{
		{"", "false", "p:1: an account's details, with 6 users: --user NAME says whose policies to judge, --all-users judges all"},
		{"x", "false", `p:1: there is no user "x" among the 6 users`},
		{"a", "false", `p:1: the group "g" is not in the file, which may have been made with --filter: aws iam get-account-authorization-details`},
		{"a", "true", `p:1: the group "g" is not in the file, which is one page of several: aws iam get-account-authorization-details`},
		{"b", "false", "p:2: arn:p is not in the file, which may have been made with --filter: aws iam get-account-authorization-details"},
		{"c", "false", `p:3: duplicate key "UserName"`},
		{"d", "false", "p:4: arn:q has no default version"},
		{"e", "false", `p:3: the user "e" is there 2 times`},
	} {
		text := strings.Replace(page, "@", c.truncated, 1)
		_, err := Sources{Policies: []string{"-"}, User: c.user, Stdin: strings.NewReader(text)}.Read()
		if err == nil || err.Error() != strings.Replace(c.want, "p:", "stdin:", 1) {
			t.Errorf("%s: %v, want %s", c.user, err, c.want)
		}
	}
}
