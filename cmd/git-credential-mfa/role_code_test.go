//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/git-credential-mfa/git-credential-mfa/internal/sandbox"
)

// codeRoleLab has a role that wants MFA, and temporary keys without it to
// assume it from, as a credential_process or "aws login" gives them.
func codeRoleLab(t testing.TB, roleSettings string) *lab {
	l := newLab(t)
	keyID, secret, token := l.user.TemporaryKeys(time.Hour)
	answer, err := json.Marshal(map[string]any{"Version": 1, "AccessKeyId": keyID, "SecretAccessKey": secret, "SessionToken": token,
		"Expiration": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
	if err != nil {
		t.Fatal(err)
	}
	process := l.write("keys", "#!/bin/sh\necho run >>'"+l.home+"/runs'\ncat <<'.'\n"+string(answer)+"\n.\n")
	l.role(deployARN, aliceARN, withMFA)
	l.awsConfig("[profile source]\ncredential_process = " + process + "\n[profile prod]\nrole_arn = " + deployARN +
		"\nsource_profile = source\nregion = " + region + "\n" + roleSettings)
	l.askpass()
	return l
}

// TestRoleTakesCode: where the keys behind a role are temporary, there is no
// session to get; the code goes into AssumeRole, once, and the role is kept.
func TestRoleTakesCode(t *testing.T) {
	t.Parallel()
	l := codeRoleLab(t, "mfa_serial = "+serial+"\n")
	l.phone()
	for range 2 {
		if r := l.getAs("prod"); !answered(r) {
			t.Fatal(r)
		}
	}
	l.asked(1, 0, 1)
	r := l.run("", "git-credential-mfa", "--profile", "prod", "status", "--json")
	if !strings.Contains(r.stdout, `"mfa": "present"`) || !strings.Contains(r.stdout, `"serial": "`+serial+`"`) {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "--profile", "prod", "status"); !strings.Contains(r.stdout, "given when the role was assumed") {
		t.Error(r)
	}
	if r := l.run("", "git-credential-mfa", "--profile", "prod", "login"); r.status != 0 {
		t.Error(r)
	}
	l.asked(1, 0, 1) // what is there is not asked for again
	if r := l.run(l.phone()+"\n", "git-credential-mfa", "--profile", "prod", "login", "--refresh", "--code", "-"); r.status != 0 {
		t.Error(r)
	}
	l.asked(1, 0, 2)
}

// TestRoleCodeOnce: 32 at once ask once.
func TestRoleCodeOnce(t *testing.T) {
	t.Parallel()
	l := codeRoleLab(t, "mfa_serial = "+serial+"\n")
	l.phone()
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if r := l.getAs("prod"); !answered(r) {
				t.Error(r)
			}
		})
	}
	all.Wait()
	l.asked(1, 0, 1)
}

// TestRoleCodeRefused: a wrong code is followed by a second question; the errors
// are those of a session.
func TestRoleCodeRefused(t *testing.T) {
	t.Parallel()
	l := codeRoleLab(t, "mfa_serial = "+serial+"\n")
	l.wrongCode()
	r := l.getAs("prod")
	if r.status != 1 || !strings.Contains(r.stderr, "after 3 tries: ") || !strings.Contains(r.stderr, "hint: wait for a new code, which you have not used") {
		t.Error(r)
	}
	if n := l.questions(); n != 3 {
		t.Errorf("%d questions", n)
	}
	r = l.run("123456\n", "git-credential-mfa", "--profile", "prod", "--mfa-serial", "arn:aws:iam::"+sandbox.Account+":mfa/nobody", "login", "--code", "-")
	if r.status != 1 || !strings.Contains(r.stderr, "STS does not know this MFA device for this user: \"arn:aws:iam::"+sandbox.Account+":mfa/nobody\", from --mfa-serial") {
		t.Error(r)
	}
}

// TestRoleWithoutSerial: no code is asked where no profile of a role names a
// device, and the hint says what would have one asked.
func TestRoleWithoutSerial(t *testing.T) {
	t.Parallel()
	l := codeRoleLab(t, "")
	r := l.getAs("prod")
	if r.status != 1 || !strings.Contains(r.stderr, "STS denies it") || !strings.Contains(r.stderr, "aws configure set mfa_serial arn:aws:iam::ACCOUNT:mfa/NAME --profile prod") {
		t.Error(r)
	}
	l.asked(0, 0, 1)
}

// TestRoleFromLogin: the session of "aws login" is a source_profile too, though
// the SDK's reader takes it for a profile without credentials.
func TestRoleFromLogin(t *testing.T) {
	t.Parallel()
	l := codeRoleLab(t, "mfa_serial = "+serial+"\n")
	keyID, secret, token := l.user.TemporaryKeys(time.Hour)
	answer, err := json.Marshal(map[string]any{"tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4", "refreshToken": "r", "identityToken": "i",
		"clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "-", "accessToken": map[string]any{"accessKeyId": keyID, "secretAccessKey": secret,
			"sessionToken": token, "accountId": sandbox.Account, "expiresAt": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}})
	if err != nil {
		t.Fatal(err)
	}
	l.write(fmt.Sprintf(".aws/login/cache/%x.json", sha256.Sum256([]byte(aliceARN))), string(answer))
	l.awsConfig("[profile console]\nlogin_session = " + aliceARN + "\n[profile chained]\nrole_arn = " + deployARN +
		"\nsource_profile = console\nregion = " + region + "\nmfa_serial = " + serial + "\n")
	l.phone()
	for range 2 {
		if r := l.getAs("chained"); !answered(r) {
			t.Fatal(r)
		}
	}
	l.asked(1, 0, 1)
}
