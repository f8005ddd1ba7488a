package main

import (
	"strings"
	"testing"
	"time"
)

// A session that was started under a clock ahead of AWS's is expired when it
// is expired, whatever offset is kept with it.
func TestClockSetRightShowsExpiry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.askpass()
	l.world.Clock.SetOffset(-20 * time.Minute)
	l.world.SetSessionLifetime(15 * time.Minute)
	l.phone()
	if r := l.get(); !answered(r) {
		t.Fatal(r)
	}
	// The password does not outlive the session, nor end in the past.
	l.wantExpiry(14 * time.Minute)
	l.world.Clock.SetOffset(0)
	wantFailure(t, l.get("--prompt", "none"), "asking is forbidden by --prompt none")
	l.phone()
	if r := l.run("", "git", "clone", "--quiet", l.url, "x"); r.status != 0 || l.questions() != 2 {
		t.Error(r)
	}
	l.world.SetSessionLifetime(6 * time.Minute)
	l.phone()
	if r := l.run("", "git-credential-mfa", "login", "--refresh"); r.status != 0 {
		t.Fatal(r)
	}
	l.wantExpiry(6 * time.Minute)
}

// Keys that have expired are not signed with: git would drop the password at
// once, and ask for another by showing the username, with the session token.
func TestExpiredCredentials(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.write("keys", `{"Version":1,"AccessKeyId":"ASIAPROCESS000000000","SecretAccessKey":"s","SessionToken":"the-token","Expiration":"`+
		time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)+`"}`)
	l.awsConfig("[profile process]\ncredential_process = " + l.scriptLine("process", "cat keys") + "\n")
	r := l.getAs("process")
	wantFailure(t, r, "hint: ")
	if strings.Contains(r.stderr, "the-token") || !strings.Contains(r.stderr, "expired") {
		t.Error(r)
	}
	l.write("keys", `{"Version":1,"AccessKeyId":"ASIAPROCESS000000000","SecretAccessKey":"s","SessionToken":"the-token","Expiration":"`+
		time.Now().Add(6*time.Minute).UTC().Format(time.RFC3339)+`"}`)
	if r := l.getAs("process"); !answered(r) {
		t.Error(r)
	}
}
