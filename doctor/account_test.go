package doctor

import (
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/doctor/policies"
	"github.com/git-credential-mfa/git-credential-mfa/internal/policyfile"
)

func readAccount(t *testing.T, user string) policyfile.Set {
	t.Helper()
	r, err := policyfile.Sources{Policies: []string{"testdata/account.json"}, User: user}.Read()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAccountVerdict judges with nothing assumed.
func TestAccountVerdict(t *testing.T) {
	for _, v := range []struct{ user, codes string }{
		{"alice", "CCM101 CCM102"},
		{"bob", "CCM104 CCM302"},
	} {
		c := &Evidence{Policies: PolicyEvidence{Case: policies.Case{Set: readAccount(t, v.user), Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}}}
		c.Policies.Repository.Account = c.Policies.User.Account()
		r := Examine(c)
		if codes := codesOf(r); codes != v.codes {
			t.Errorf("%s: %s, want %s", v.user, codes, v.codes)
		}
		var text strings.Builder
		if err := r.Text(&text, Style{Unicode: true}); err != nil {
			t.Fatal(err)
		}
		golden(t, "account-"+v.user+".txt", []byte(text.String()))
	}
}

// TestAccountWithoutPolicies judges a user whom no policy is about: that is no
// lack of files, but a denial of all that there is.
func TestAccountWithoutPolicies(t *testing.T) {
	const page = `{"UserDetailList": [{"UserName": "bob", "GroupList": ["g"]}], "GroupDetailList": [{"GroupName": "g"}]}`
	set, err := policyfile.Sources{Policies: []string{"-"}, User: "bob", Stdin: strings.NewReader(page)}.Read()
	if err != nil {
		t.Fatal(err)
	}
	r := Examine(&Evidence{Policies: PolicyEvidence{Case: policies.Case{Set: set, Now: time.Now()}}})
	var text strings.Builder
	if err := r.Text(&text, Style{}); err != nil {
		t.Fatal(err)
	}
	if codesOf(r) != "CCM104 CCM302" || r.Status() != Failed || !strings.Contains(text.String(), "no policy applies to the user bob") {
		t.Errorf("exit %d:\n%s", r.Status(), &text)
	}
}
