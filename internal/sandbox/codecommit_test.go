package sandbox

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

// addRepository adds "demo" in us-east-1.
func addRepository(t *testing.T, w *World) string {
	t.Helper()
	url, err := w.AddRepository("us-east-1", "demo")
	if err != nil || url != "https://"+exampleHost+"/v1/repos/demo" {
		t.Fatal(url, err)
	}
	return url
}

func TestCloneNeedsMFA(t *testing.T) {
	w, u, d := start(t)
	url := addRepository(t, w)
	g := newGitUser(t, w)

	g.as(u.AccessKeyID, gitPassword(u.SecretAccessKey, exampleHost, "demo", time.Now())).wants403(url)
	g.as(u.GitCredential()).wants403(url)
	plain := getSession(t, u, nil)
	g.as(*plain.AccessKeyId+"%"+*plain.SessionToken, gitPassword(*plain.SecretAccessKey, exampleHost, "demo", time.Now())).wants403(url)

	s := getSession(t, u, d)
	username := *s.AccessKeyId + "%" + *s.SessionToken
	password := gitPassword(*s.SecretAccessKey, exampleHost, "demo", time.Now())
	g.as(username, password).wants("clone", "--quiet", url, "work")
	if text, err := os.ReadFile(filepath.Join(g.home, "work", "README.md")); err != nil || string(text) != "hello\n" {
		t.Errorf("%q %v", text, err)
	}
	if w.Count(Git, "GitPull") == 0 || len(w.Refused()) != 0 {
		t.Errorf("%+v %q", w.Requests(), w.Refused())
	}
}

func TestWrongGitCredentials(t *testing.T) {
	w, u, d := start(t)
	url := addRepository(t, w)
	s, g := getSession(t, u, d), newGitUser(t, w)
	username := *s.AccessKeyId + "%" + *s.SessionToken
	password := gitPassword(*s.SecretAccessKey, exampleHost, "demo", time.Now())
	g.as(username, password).wants("ls-remote", url)
	u.SetPolicies(w.policies[1]) // so that a 403 is no matter of policy
	for name, bad := range map[string][2]string{
		"no token":               {*s.AccessKeyId, password},
		"empty token":            {*s.AccessKeyId + "%", password},
		"other token":            {username + "x", password},
		"flipped byte":           {username, password[:79] + string(password[79]^1)},
		"other repo":             {username, gitPassword(*s.SecretAccessKey, exampleHost, "demo2", time.Now())},
		"other host":             {username, gitPassword(*s.SecretAccessKey, "git-codecommit.us-east-2.amazonaws.com", "demo", time.Now())},
		"old":                    {username, gitPassword(*s.SecretAccessKey, exampleHost, "demo", time.Now().Add(-16*time.Minute))},
		"ahead":                  {username, gitPassword(*s.SecretAccessKey, exampleHost, "demo", time.Now().Add(16*time.Minute))},
		"no signature":           {username, "password"},
		"empty":                  {"alice", ""},
		"long-term key with a %": {u.AccessKeyID + "%", gitPassword(u.SecretAccessKey, exampleHost, "demo", time.Now())},
	} {
		t.Log(name)
		g.as(bad[0], bad[1]).wants403(url)
	}
	g.as(username, gitPassword(*s.SecretAccessKey, exampleHost, "unknown", time.Now())).
		wants403("https://" + exampleHost + "/v1/repos/unknown")
	w.Clock.Advance(13 * time.Hour)
	g.as(username, gitPassword(*s.SecretAccessKey, exampleHost, "demo", w.Clock.Now())).wants403(url)
}

func TestGitHosts(t *testing.T) {
	w, u, _ := start(t)
	addRepository(t, w)
	g := newGitUser(t, w)
	g.as(u.GitCredential())
	u.SetPolicies(w.policies[1]) // without ForceMFA
	for _, host := range []string{exampleHost, "GIT-CODECOMMIT.us-east-1.amazonaws.com", exampleHost + ":443",
		"git-codecommit-fips.us-east-1.amazonaws.com", "vpce-0123-abcd-us-east-1a.git-codecommit-fips.us-east-1.vpce.amazonaws.com"} {
		g.wants("ls-remote", "https://"+host+"/v1/repos/demo")
	}
	g.wants403("https://git-codecommit.us-east-2.amazonaws.com/v1/repos/demo")
	g.wants403("https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/demo")
	u.SetPolicies() // nothing denies, but nothing allows
	g.wants403("https://" + exampleHost + "/v1/repos/demo")
}

// The variants of ForceMFA whose 403 comes from the KMS call that CodeCommit
// forwards: facts that a 403 by a shortcut would get wrong.
func TestForwardedCalls(t *testing.T) {
	w, u, d := start(t)
	url := addRepository(t, w)
	none, mfa := getSession(t, u, nil), getSession(t, u, d)
	for name, c := range map[string]struct {
		exempt, condition string
		want              [3]bool // long-term, session, MFA session
	}{
		"as documented":    {`"iam:GetUser"`, `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, [3]bool{false, false, true}},
		"git exempt":       {`"codecommit:*"`, `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, [3]bool{false, false, true}},
		"git, kms exempt":  {`"codecommit:*", "kms:*"`, `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}`, [3]bool{true, true, true}},
		"by way of":        {`"codecommit:*"`, `"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}, "Null": {"kms:ViaService": "true"}`, [3]bool{true, true, true}},
		"plain Bool":       {`"iam:GetUser"`, `"Bool": {"aws:MultiFactorAuthPresent": "false"}`, [3]bool{false, false, true}},
		"Bool, direct":     {`"iam:GetUser"`, `"Bool": {"aws:MultiFactorAuthPresent": "false", "aws:ViaAWSService": "false"}`, [3]bool{true, false, true}},
		"Null":             {`"iam:GetUser"`, `"Null": {"aws:MultiFactorAuthPresent": "true"}`, [3]bool{false, true, true}},
		"age, not reached": {`"iam:GetUser"`, `"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}`, [3]bool{true, true, true}},
	} {
		document, err := policy.Parse(name, []byte(`{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotAction": [`+
			c.exempt+`], "Resource": "*", "Condition": {`+c.condition+`}}}`))
		if err != nil {
			t.Fatal(name, err)
		}
		u.SetPolicies(document, w.policies[1])
		for i, who := range [3][3]string{{u.AccessKeyID, u.SecretAccessKey, ""},
			{*none.AccessKeyId, *none.SecretAccessKey, "%" + *none.SessionToken},
			{*mfa.AccessKeyId, *mfa.SecretAccessKey, "%" + *mfa.SessionToken}} {
			request, _ := http.NewRequest("GET", url+"/info/refs?service=git-upload-pack", nil)
			request.SetBasicAuth(who[0]+who[2], gitPassword(who[1], exampleHost, "demo", time.Now()))
			response, err := w.HTTPClient().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if got := response.StatusCode == http.StatusOK; got != c.want[i] {
				t.Errorf("%s, credentials %d: %s", name, i, response.Status)
			}
		}
	}
}

func TestAnonymousGit(t *testing.T) {
	w, _, _ := start(t)
	for _, path := range []string{"/", "/v1/repos/any/info/refs?service=git-upload-pack"} {
		response, err := w.HTTPClient().Get("https://" + exampleHost + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 401 || !strings.HasPrefix(response.Header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: %s %v", path, response.Status, response.Header)
		}
	}
}

func TestAddRepositoryWantsCodeCommitsNames(t *testing.T) {
	w, _, _ := start(t)
	for _, bad := range [][2]string{{"us-east-1", "a/b"}, {"us-east-1", ".."}, {"us-east-1", "a.git"}, {"us-east-1", ""}, {"../x", "demo"}} {
		if url, err := w.AddRepository(bad[0], bad[1]); err == nil {
			t.Errorf("%q is at %s", bad, url)
		}
	}
}
