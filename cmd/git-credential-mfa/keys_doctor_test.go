//go:build unix

package main

import (
	"strings"
	"testing"
	"time"
)

// doctor tells a key in the clear and an old one, with the commands that fix
// both, and knows the key in the keyring, offline too.
func TestDoctorAccessKey(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.user.SetKeyAge(100 * 24 * time.Hour)
	d := l.doctor(l.url)
	if d.level("CCM609") != "info" || !strings.Contains(d.says("CCM609"), "credentials:3") || !strings.Contains(d.says("CCM609"), "git-credential-mfa keys import") || d.level("CCM610") != "skipped" {
		t.Errorf("%s\n%s", d.says("CCM609"), d.says("CCM610"))
	}
	l.login()
	if d = l.doctor(l.url); d.level("CCM610") != "info" || !strings.Contains(d.says("CCM610"), "100 days ago") || !strings.Contains(d.says("CCM610"), "git-credential-mfa keys rotate") {
		t.Error(d.says("CCM610"))
	}
	l.keys("import", "--yes")
	d = l.doctor(l.url)
	for _, code := range []string{"CCM603", "CCM604", "CCM609"} {
		if d.level(code) != "ok" {
			t.Errorf("%s: %s %s", code, d.level(code), d.says(code))
		}
	}
	if d = l.doctor("--offline", l.url); d.level("CCM603") != "ok" || d.level("CCM609") != "ok" || d.level("CCM610") != "skipped" {
		t.Errorf("offline: %s, %s", d.says("CCM603"), d.says("CCM609"))
	}
	if r := l.rotate(); r.status != 0 {
		t.Fatal(r)
	}
	if d = l.doctor(l.url); d.level("CCM610") != "ok" {
		t.Error(d.says("CCM610"))
	}
}
