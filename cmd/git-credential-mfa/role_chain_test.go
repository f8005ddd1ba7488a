package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

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
	waiting.Env = append(waiting.Env, "GIT_ASKPASS="+l.script("slow", "echo $$ >slow-asked\nexec sleep 300"))
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, filepath.Join(l.home, "slow-asked"))
	username := strings.TrimPrefix(strings.SplitN(l.get().stdout, "\n", 2)[0], "username=")
	l.run(request("https", host, "v1/repos/theirs")+"username="+username+"\npassword=x\n", "git-credential-mfa", "erase")
	for i, r := range l.parallel(16) {
		if !answered(r) || r.took > slack*30*time.Second {
			t.Errorf("helper %d: %v", i, r)
		}
	}
	l.asked(1, 1, 2)
	cancel()
	_ = waiting.Wait()
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
