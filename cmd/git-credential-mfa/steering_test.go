package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// What AWS answers, the name of a profile, a device or a file may hold what
// steers a terminal or turns the direction of writing. People never see it; in
// JSON it is escaped. XML can carry C1 and the characters of direction.
func TestSteering(t *testing.T) {
	t.Parallel()
	const steering, hostileName = "\u009b\u0085\u202e\u2066\u061c\u2028", "ali\u009b31m\u0085ce\u202eecila\u2066\u061c\u2028"
	l := newLab(t)
	l.user = l.world.AddUser(hostileName)
	l.device = l.user.AddDevice(serial)
	l.writeAWSFiles(map[string]string{"region": region, "mfa_serial": serial})
	l.setenv("GIT_CREDENTIAL_MFA_TRACE", "1")
	login := l.run(l.phone()+"\n", "git-credential-mfa", "login", "--code", "-")
	if login.status != 0 || !strings.Contains(login.stderr, "user/ali?31m?ce?ecila???") {
		t.Error(login)
	}
	shown := []result{login}
	for _, args := range [][]string{
		{"status"}, {"status", "--json"}, {"doctor", l.url}, {"doctor", "--json", l.url}, {"credential-process"}, {"logout"},
		{"--profile", "x\x1b[2J\x7f" + steering, "login"}, {"--keyring", "file" + steering, "status"}, {"unknown\x1b" + steering},
		{"--x\r" + steering, "login"}, {"help", "\a" + steering}, {"doctor", "--offline", "--policy", "no\x1b" + steering},
		{"completion", "profiles"}, {"configure", "--dry-run", "--profile", "a\x1b" + steering},
	} {
		r := l.run("", "git-credential-mfa", args...)
		shown = append(shown, r)
		if strings.Contains(strings.Join(args, " "), "--json") && (!json.Valid([]byte(r.stdout)) || !strings.Contains(r.stdout, `\u009b31m\u0085ce\u202e`)) {
			t.Errorf("%q: %s", args, r.stdout)
		}
	}
	for _, r := range shown {
		if strings.ContainsAny(r.stdout+r.stderr, steering+"\x1b\x7f\r\a") {
			t.Errorf("%q\n%q", r.stdout, r.stderr)
		}
	}
}
