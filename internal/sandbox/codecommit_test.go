package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/policy"
)

const exampleHost = "git-codecommit.us-east-1.amazonaws.com"

// gitPassword signs like a client. It shares no code with signature.go.
func gitPassword(secret, host, repository string, at time.Time) string {
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		io.WriteString(h, text)
		return h.Sum(nil)
	}
	canonical := sha256.Sum256([]byte("GIT\n/v1/repos/" + repository + "\n\nhost:" + host + "\n\nhost\n"))
	day, stamp := at.UTC().Format("20060102"), at.UTC().Format("20060102T150405")
	key := mac(mac(mac(mac([]byte("AWS4"+secret), day), "us-east-1"), "codecommit"), "aws4_request")
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + day + "/us-east-1/codecommit/aws4_request\n" + hex.EncodeToString(canonical[:])
	return stamp + "Z" + hex.EncodeToString(mac(key, text))
}

// A gitUser runs git in the world with a credential that a helper prints.
type gitUser struct {
	t    *testing.T
	w    *World
	home string
}

func newGitUser(t *testing.T, w *World) *gitUser {
	g := &gitUser{t, w, t.TempDir()}
	// The helper is a shell function, as in gitcredentials(7).
	config := "[credential]\n\thelper = \"!f() { test \\\"$1\\\" = get && cat \\\"$HOME/answer\\\"; }; f\"\n\tuseHttpPath = true\n" +
		"[user]\n\tname = Alice\n\temail = alice@example.com\n"
	if err := os.WriteFile(filepath.Join(g.home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return g
}

// as sets the credential of the following runs.
func (g *gitUser) as(username, password string) *gitUser {
	g.t.Helper()
	answer := "username=" + username + "\npassword=" + password + "\n"
	if err := os.WriteFile(filepath.Join(g.home, "answer"), []byte(answer), 0o600); err != nil {
		g.t.Fatal(err)
	}
	return g
}

func (g *gitUser) run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(g.t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(g.w.Env(g.home), "GIT_TERMINAL_PROMPT=0")
	cmd.Dir = g.home
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (g *gitUser) wants403(url string) {
	g.t.Helper()
	if out, err := g.run("ls-remote", url); err == nil || !strings.Contains(out, "The requested URL returned error: 403") {
		g.t.Errorf("git ls-remote: %v, want 403\n%s", err, out)
	}
}

func (g *gitUser) wants(args ...string) string {
	g.t.Helper()
	out, err := g.run(args...)
	if err != nil {
		g.t.Errorf("git %s: %v\n%s", args, err, out)
	}
	return out
}

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

// Variants of ForceMFA under which only CodeCommit's call to KMS is denied. A
// sandbox that did not evaluate that call would get them wrong.
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

func TestPush(t *testing.T) {
	w, u, d := start(t)
	url := addRepository(t, w)
	s := getSession(t, u, d)
	g := newGitUser(t, w)
	g.as(*s.AccessKeyId+"%"+*s.SessionToken, gitPassword(*s.SecretAccessKey, exampleHost, "demo", time.Now()))
	g.wants("clone", "--quiet", url, "work")
	hook := filepath.Join(w.repository(Account, "us-east-1", "demo"), "hooks", "pre-receive")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\nenv >environment\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 1<<20) // past http.postBuffer, so that git sends chunks
	rand.Read(big)
	if err := os.WriteFile(filepath.Join(g.home, "work", "big"), big, 0o600); err != nil {
		t.Fatal(err)
	}
	g.wants("-C", "work", "add", "big")
	g.wants("-C", "work", "commit", "--quiet", "-m", "big")
	g.wants("-C", "work", "-c", "http.postBuffer=65536", "push", "--quiet")
	if out := g.wants("ls-remote", url, "main"); !strings.HasPrefix(out, strings.TrimSpace(g.wants("-C", "work", "rev-parse", "HEAD"))) {
		t.Error(out)
	}
	if n := w.Count(Git, "GitPush"); n < 2 {
		t.Errorf("%d requests of a push", n)
	}
	env, err := os.ReadFile(filepath.Join(filepath.Dir(hook), "..", "environment"))
	if err != nil || !strings.Contains(string(env), "REMOTE_USER=alice") || strings.Contains(strings.ToUpper(string(env)), "AUTHORIZATION") {
		t.Errorf("environment of http-backend: %v\n%s", err, env)
	}
	if left, _ := os.ReadDir(w.temporary()); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBackendIsGits(t *testing.T) {
	w, u, _ := start(t)
	url := addRepository(t, w)
	u.SetPolicies(w.policies[1])
	g := newGitUser(t, w).as(u.GitCredential())
	g.wants("ls-remote", url)
	// Only git http-backend reads this setting.
	if err := w.runGit("", "-C", w.repository(Account, "us-east-1", "demo"), "config", "http.uploadpack", "false"); err != nil {
		t.Fatal(err)
	}
	g.wants403(url)
	if log, _ := os.ReadFile(filepath.Join(w.dir, "sandbox.log")); !strings.Contains(string(log), "Service not enabled") {
		t.Errorf("log:\n%s", log)
	}
}
