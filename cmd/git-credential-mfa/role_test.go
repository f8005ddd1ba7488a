//go:build unix

package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

const (
	otherAccount = "210987654321"
	deployARN    = "arn:aws:iam::" + otherAccount + ":role/team/deploy"
	aliceARN     = "arn:aws:iam::" + sandbox.Account + ":user/alice"
	withMFA      = `"Bool": {"aws:MultiFactorAuthPresent": "true"}`
)

// awsConfig adds to the user's ~/.aws/config.
func (l *lab) awsConfig(text string) {
	l.t.Helper()
	old, err := os.ReadFile(filepath.Join(l.home, ".aws", "config"))
	if err != nil {
		l.t.Fatal(err)
	}
	l.write(".aws/config", string(old)+text)
}

// role adds a role that one principal may assume, under a condition.
func (l *lab) role(arn, principal, condition string) *sandbox.Role {
	l.t.Helper()
	r, err := l.world.AddRole(arn, `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "`+principal+
		`"}, "Action": "sts:AssumeRole", "Condition": {`+condition+`}}]}`)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// roleLab is a lab with a role in another account, its profile "prod", and its
// repository, for which git is told to use that profile.
func roleLab(t testing.TB) *lab {
	l := newLab(t)
	l.role(deployARN, aliceARN, withMFA+`, "StringEquals": {"sts:ExternalId": "e-1"}`)
	l.awsConfig("[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = default\nexternal_id = e-1\nregion = " + region + "\n")
	if _, err := l.world.AddRepositoryIn(otherAccount, region, "theirs"); err != nil {
		t.Fatal(err)
	}
	l.askpass()
	return l
}

func (l *lab) getAs(profile string) result {
	l.t.Helper()
	return l.get("--profile", profile)
}

// asked checks how often a person, GetSessionToken and AssumeRole were asked.
func (l *lab) asked(questions, sessions, roles int) {
	l.t.Helper()
	if q, s, r := l.questions(), l.sessions(), l.world.Count("sts", "AssumeRole"); q != questions || s != sessions || r != roles {
		l.t.Errorf("%d questions, %d calls of GetSessionToken and %d of AssumeRole, not %d, %d and %d", q, s, r, questions, sessions, roles)
	}
}

// One code serves the repositories of one's own account and of every role.
func TestRole(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.role("arn:aws:iam::"+sandbox.Account+":role/second", aliceARN, withMFA)
	l.awsConfig("[profile second]\nrole_arn = arn:aws:iam::" + sandbox.Account + ":role/second\nsource_profile = default\nrole_session_name = me\nduration_seconds = 43200\n")
	l.phone()
	url := strings.Replace(l.url, "demo", "theirs", 1)
	asProd := []string{"-c", "credential.helper=", "-c", "credential.https://" + host + ".helper=", "-c",
		"credential.https://" + host + ".helper=mfa --profile prod"}
	for _, args := range [][]string{
		append(asProd, "clone", "--quiet", url, "first"),
		append(asProd, "clone", "--quiet", url, "second"),
		append(asProd, "-C", "first", "push", "--quiet", "origin", "HEAD:refs/heads/more"),
		{"clone", "--quiet", l.url, "own"},
	} {
		if r := l.run("", "git", args...); r.status != 0 {
			t.Fatal(args, r)
		}
	}
	l.asked(1, 1, 1)
	if r := l.getAs("second"); !answered(r) {
		t.Error(r)
	}
	l.asked(1, 1, 2)
	r := l.run("", "git-credential-mfa", "status", "--json")
	var status struct {
		Sessions []struct{ Profile, ARN, Account, Serial, MFA string }
	}
	if err := json.Unmarshal([]byte(r.stdout), &status); err != nil || len(status.Sessions) != 3 {
		t.Fatal(err, r)
	}
	for i, want := range []struct{ Profile, ARN, Account, Serial, MFA string }{
		{"default", aliceARN, sandbox.Account, serial, "present"},
		{"prod", "arn:aws:sts::" + otherAccount + ":assumed-role/deploy/alice", otherAccount, "", "unknown"},
		{"second", "arn:aws:sts::" + sandbox.Account + ":assumed-role/second/me", sandbox.Account, "", "unknown"},
	} {
		if status.Sessions[i] != want {
			t.Errorf("%+v, want %+v", status.Sessions[i], want)
		}
	}
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, "assumed-role/deploy/alice") || !strings.Contains(r.stdout, "59m") {
		t.Error(r)
	}
	if refused := l.world.Refused(); len(refused) > 0 {
		t.Errorf("somebody tried to reach %v", refused)
	}
}

// The AWS CLI wants mfa_serial in the role's profile. It is the device to ask
// for, and the session is still the source's, with or without it.
func TestRoleWithDevice(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.writeAWSFiles(map[string]string{"region": region})
	l.role(deployARN, aliceARN, withMFA)
	l.awsConfig("[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = default\nmfa_serial = " + serial + "\n")
	l.askpass()
	l.phone()
	if r := l.getAs("prod"); !answered(r) {
		t.Fatal(r)
	}
	if r := l.get(); !answered(r) {
		t.Error(r)
	}
	l.asked(1, 1, 1)
	if n := l.world.Count("iam", "ListMFADevices"); n != 0 {
		t.Errorf("%d calls of ListMFADevices", n)
	}
}

// A role's credentials end after an hour; new ones cost no code while the
// session lives. The session that ends takes a code, the role's do not.
func TestRoleIsRenewed(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.world.SetRoleLifetime(4 * time.Minute)
	l.phone()
	for range 3 {
		if r := l.getAs("prod"); !answered(r) || strings.Contains(r.stderr, "warning") {
			t.Fatal(r)
		}
	}
	l.asked(1, 1, 3)
	l.world.SetRoleLifetime(6 * time.Minute)
	for range 3 {
		if r := l.getAs("prod"); !answered(r) {
			t.Fatal(r)
		}
	}
	l.asked(1, 1, 4)
}

// Whoever asks for a code holds no lock that a role with a session waits for,
// and of many who need a role one assumes it.
func TestRolesInParallel(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.phone()
	l.setenv("AWS_PROFILE", "prod")
	for i, r := range l.parallel(32) {
		if !answered(r) {
			t.Errorf("helper %d: %v", i, r)
		}
	}
	l.asked(1, 1, 1)
	// Somebody renews the session by hand, and does not answer.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	waiting := l.command(ctx, nil, "git-credential-mfa", "--profile", "default", "login", "--refresh")
	waiting.Env = append(waiting.Env, "GIT_ASKPASS="+l.write("slow", "#!/bin/sh\necho $$ >'"+l.home+"/slow-asked'\nexec sleep 300\n"))
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(l.home, "slow-asked"))
	username := strings.TrimPrefix(strings.SplitN(l.get().stdout, "\n", 2)[0], "username=")
	l.run(request("https", host, "v1/repos/theirs")+"username="+username+"\npassword=x\n", "git-credential-mfa", "erase")
	for i, r := range l.parallel(16) {
		if !answered(r) || r.took > 30*time.Second {
			t.Errorf("helper %d: %v", i, r)
		}
	}
	l.asked(1, 1, 2)
	cancel()
	_ = waiting.Wait()
}

// What STS denies has a message and a hint of its own; the session, whose code
// is spent, is kept all the same.
func TestRoleDenied(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.awsConfig("[profile wrong-id]\nrole_arn = " + deployARN + "\nsource_profile = default\nexternal_id = e-2\n" +
		"[profile no-such]\nrole_arn = " + deployARN + "x\nsource_profile = default\n" +
		"[profile china]\nrole_arn = arn:aws-cn:iam::" + otherAccount + ":role/deploy\nsource_profile = default\n" +
		"[profile bad-name]\nrole_arn = " + deployARN + "\nsource_profile = default\nrole_session_name = a b\n")
	l.phone()
	for _, profile := range []string{"wrong-id", "no-such"} {
		r := l.getAs(profile)
		wantFailure(t, r, "error: assuming the role "+deployARN, "STS denies it, or there is no such role: AccessDenied: User: "+aliceARN+" is not authorized to perform: sts:AssumeRole",
			"hint: the role's trust policy must name your user")
	}
	l.asked(1, 1, 2)
	wantFailure(t, l.getAs("bad-name"), "ValidationError")
	before := len(l.world.Requests())
	wantFailure(t, l.getAs("china"), `the role is of another AWS partition: "aws-cn", and the region us-east-1 is of "aws"`, "hint: choose a profile")
	if len(l.world.Requests()) != before {
		t.Error("AWS was asked for a role of another partition")
	}
	l.stillHeld()
	l.world.Throttle("sts", "AssumeRole", 2)
	if r := l.getAs("prod"); !answered(r) || l.questions() != 1 {
		t.Error(r)
	}
}

// Those who waited while a role was denied hear so, and do not ask STS too.
func TestOneDeniedRoleForEight(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.login()
	l.role(deployARN, "arn:aws:iam::"+sandbox.Account+":user/bob", "")
	l.world.SetDelay("sts", time.Second)
	l.setenv("AWS_PROFILE", "prod")
	for _, r := range l.parallel(8) {
		wantFailure(t, r, "STS denies it, or there is no such role", "hint: ")
	}
	if n := l.world.Count("sts", "AssumeRole"); n != 1 {
		t.Errorf("%d calls of AssumeRole", n)
	}
}

// A role that is assumed from a role: each is kept, and one code does for all.
func TestRoleChain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const hub = "arn:aws:iam::" + sandbox.Account + ":role/hub"
	l.role(hub, aliceARN, withMFA)
	l.role(deployARN, hub, `"StringEquals": {"sts:RoleSessionName": "alice"}`)
	l.awsConfig("[profile hub]\nrole_arn = " + hub + "\nsource_profile = default\n[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = hub\n")
	l.askpass()
	l.phone()
	for _, profile := range []string{"prod", "prod", "hub", "default"} {
		if r := l.getAs(profile); !answered(r) {
			t.Fatal(profile, r)
		}
	}
	l.asked(1, 1, 2)
	r := l.run("", "git-credential-mfa", "--profile", "prod", "logout")
	if s := l.run("", "git-credential-mfa", "status"); r.status != 0 || !strings.Contains(s.stdout, "no sessions") {
		t.Error(r, s)
	}
}

// Profiles along one chain, started at the same moment with nothing kept, wait
// for each other's sessions and never for each other's locks.
func TestRoleChainInParallel(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const hub = "arn:aws:iam::" + sandbox.Account + ":role/hub"
	l.role(hub, aliceARN, withMFA)
	l.role(deployARN, hub, "")
	l.awsConfig("[profile hub]\nrole_arn = " + hub + "\nsource_profile = default\n[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = hub\n")
	l.askpass()
	l.phone()
	l.world.SetDelay("sts", 100*time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	results := make([]result, 18)
	var all sync.WaitGroup
	for i := range results {
		profile := []string{"prod", "hub", "default"}[i%3]
		cmd := l.command(ctx, strings.NewReader(request("https", host, "v1/repos/demo")), "git-credential-mfa", "--profile", profile, "get")
		all.Go(func() { results[i] = wait(t, cmd) })
	}
	all.Wait()
	for i, r := range results {
		if !answered(r) {
			t.Errorf("helper %d: %v", i, r)
		}
	}
	l.asked(1, 1, 2)
}

// login checks the role, whatever is kept; erase forgets the role's item only;
// logout the role's and what it is assumed from.
func TestRoleByHand(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	login := func(args ...string) result {
		return l.run("", "git-credential-mfa", append([]string{"--profile", "prod", "login"}, args...)...)
	}
	l.phone()
	r := login()
	if r.status != 0 || !strings.Contains(r.stderr, "session of arn:aws:sts::"+otherAccount+":assumed-role/deploy/alice for profile prod, 59m left") ||
		!strings.Contains(r.stderr, "assumed from the session of "+aliceARN+" for profile default, 11h59m left") {
		t.Error(r)
	}
	login()
	l.asked(1, 1, 2)
	l.phone()
	login("--refresh")
	l.asked(2, 2, 3)

	username := strings.TrimPrefix(strings.SplitN(l.getAs("prod").stdout, "\n", 2)[0], "username=")
	erase := func(profile string) {
		t.Helper()
		in := request("https", host, "v1/repos/theirs") + "username=" + username + "\npassword=x\n"
		if r := l.run(in, "git-credential-mfa", "--profile", profile, "erase"); r.status != 0 || r.stdout+r.stderr != "" {
			t.Error(r)
		}
	}
	erase("default") // not its key
	l.getAs("prod")
	l.asked(2, 2, 3)
	erase("prod")
	l.getAs("prod")
	l.asked(2, 2, 4)

	if r := l.run("", "git-credential-mfa", "--profile", "prod", "logout"); r.status != 0 || !strings.Contains(r.stderr, "forgot the session for profile prod") {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "--profile", "prod", "logout"); !strings.Contains(r.stderr, "there is no session") {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "status"); !strings.Contains(r.stdout, "no sessions") {
		t.Error(r)
	}
	// A role that can't be had fails the login, though the session is there.
	l.phone()
	l.role(deployARN, "arn:aws:iam::"+sandbox.Account+":user/bob", "")
	if r := login(); r.status != 1 || !strings.Contains(r.stderr, "error: logging in: assuming the role") {
		t.Error(r)
	}
}

// Temporary credentials are what a role is assumed from as they are, and what
// is assumed is kept: an access token of SSO is turned into keys once.
func TestRoleOfTemporaryCredentials(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const developer = "arn:aws:iam::" + sandbox.Account + ":role/developer"
	token := l.role(developer, aliceARN, "").PortalToken()
	l.role(deployARN, developer, "")
	const start = "https://example.awsapps.com/start"
	sum := sha1.Sum([]byte(start)) // the name that the AWS CLI gives the file
	l.write(".aws/sso/cache/"+hex.EncodeToString(sum[:])+".json", `{"startUrl": "`+start+`", "region": "`+region+
		`", "accessToken": "`+token+`", "expiresAt": "`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`)
	l.awsConfig("[profile sso]\nsso_start_url = " + start + "\nsso_region = " + region + "\nsso_account_id = " + sandbox.Account +
		"\nsso_role_name = developer\n[profile prod]\nrole_arn = " + deployARN + "\nsource_profile = sso\n")
	for range 2 {
		if r := l.getAs("sso"); !answered(r) {
			t.Fatal(r)
		}
	}
	if n := l.world.Count("portal.sso", "GetRoleCredentials"); n != 2 {
		t.Errorf("%d calls of GetRoleCredentials", n)
	}
	for range 3 {
		if r := l.getAs("prod"); !answered(r) {
			t.Fatal(r)
		}
	}
	l.asked(0, 0, 1)
	if n := l.world.Count("portal.sso", "GetRoleCredentials"); n != 3 {
		t.Errorf("%d calls of GetRoleCredentials", n)
	}
	r := l.run("", "git-credential-mfa", "status", "--json")
	if strings.Count(r.stdout, `"mfa": "unknown"`) != 1 || strings.Contains(r.stdout, `"present"`) {
		t.Error(r)
	}
	r = l.run("", "git-credential-mfa", "--profile", "prod", "login")
	if r.status != 0 || !strings.Contains(r.stderr, "assumed-role/deploy/") {
		t.Error(r)
	}
}

// Nobody but the keyring holds what a role's session is made of.
func TestRoleSecrets(t *testing.T) {
	t.Parallel()
	l := roleLab(t)
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", filepath.Join(l.home, "trace"))
	l.phone()
	talk := l.getAs("prod").stderr + l.run("", "git-credential-mfa", "--profile", "prod", "login").stderr
	l.role(deployARN, "arn:aws:iam::"+sandbox.Account+":user/bob", "")
	r := l.run("", "git-credential-mfa", "--profile", "prod", "login")
	talk += r.stderr + l.run("", "git-credential-mfa", "status").stdout
	trace, err := os.ReadFile(filepath.Join(l.home, "trace"))
	if err != nil || !strings.Contains(string(trace), "sts:AssumeRole, call 1: AccessDenied") {
		t.Error(err, string(trace))
	}
	for _, secret := range l.world.Secrets() {
		if strings.Contains(talk+string(trace), secret[:20]) {
			t.Error("a secret was said or traced")
		}
	}
}
