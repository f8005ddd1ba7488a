package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// spellings are the names that a home folder has on this system.
func spellings(home string) []string {
	if runtime.GOOS != "windows" {
		return []string{home, home + "/", home + "/../" + filepath.Base(home), strings.Replace(home, "/home", "//home", 1)}
	}
	slashed := filepath.ToSlash(home)
	drive, rest, _ := strings.Cut(slashed, ":")
	return []string{home, slashed, strings.ToUpper(home), "/" + strings.ToLower(drive) + rest, shortName(home)}
}

// TestDoctorHidesHome: a report that may be pasted names nobody's home folder,
// however HOME spells it. Files of the home are named all over it.
func TestDoctorHidesHome(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	home := filepath.Join(l.dir, "home of", "Xavier López")
	if err := os.MkdirAll(filepath.Dir(home), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(l.home, home); err != nil {
		t.Fatal(err)
	}
	l.home = home
	l.write(".netrc", "machine "+host+" login x password y\n")
	l.write("_netrc", "machine "+host+" login x password y\n")
	l.write(".gitconfig", l.read(".gitconfig")+"[core]\n\taskPass = "+filepath.ToSlash(home)+"/asker\n[http]\n\tsslCAInfo = "+filepath.ToSlash(home)+"/missing.pem\n")
	policy := l.write("a policy.json", `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotAction": "sts:*", "Resource": "*",
		"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}}`)
	l.setenv("SSH_ASKPASS", l.write("asker", "no program"))
	l.setenv("USERPROFILE", home)
	for _, spelled := range spellings(home) {
		l.setenv("HOME", spelled)
		for _, args := range [][]string{
			{"doctor", "--offline", "--verbose", l.url}, {"doctor", "--offline", "--report", l.url}, {"doctor", "--offline", "--json", l.url},
			{"doctor", "--policy", policy}, {"doctor", "--json", "--policy", filepath.Join(spelled, "a policy.json")},
			{"doctor", "--policy", filepath.Join(home, "missing.json")},
		} {
			r := l.run("", "git-credential-mfa", args...)
			if said := strings.ToLower(r.stdout); strings.Contains(said, "xavier") || !strings.Contains(said, "~") && r.stdout != "" {
				t.Errorf("HOME=%s %q: %v", spelled, args, r)
			}
		}
	}
}
