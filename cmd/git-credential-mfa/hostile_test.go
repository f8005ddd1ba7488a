//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoctorHostileRepository: whoever sends a repository may name programs in its
// configuration, or in a file that it includes. doctor has git fetch, and runs
// none of them, unless --fetch says so.
func TestDoctorHostileRepository(t *testing.T) {
	t.Parallel()
	base := newDoctorLab(t)
	base.login()
	https := "https://" + host + "/"
	for name, c := range map[string]struct {
		url, config string
		// springs is false for what "git ls-remote" without a way to ask has no
		// use for.
		springs bool
	}{
		"helper":                      {base.url, "[credential]\n\thelper = !TRAP\n", true},
		"helper by a path":            {base.url, "[credential \"https://" + host + "\"]\n\thelper =\n\thelper = TRAP\n", true},
		"this helper's name":          {base.url, "[credential]\n\thelper =\n\thelper = DIR/git-credential-mfa\n", true},
		"this helper, with a program": {base.url, "[credential]\n\thelper =\n\thelper = mfa --mfa-process TRAP --prompt auto\n", false},
		"askpass":                     {base.url, "[core]\n\taskPass = TRAP\n", false},
		"ssh":                         {"ssh://" + host + "/v1/repos/demo", "[core]\n\tsshCommand = TRAP\n", true},
		"fsmonitor":                   {base.url, "[core]\n\tfsmonitor = TRAP\n", false},
		"proxy of git://":             {base.url, "[url \"git://" + host + "/\"]\n\tinsteadOf = " + https + "\n[core]\n\tgitProxy = TRAP\n", true},
		"ext":                         {base.url, "[url \"ext::TRAP /\"]\n\tinsteadOf = " + https + "\n[protocol \"ext\"]\n\tallow = always\n", true},
		"remote helper":               {base.url, "[remote \"origin\"]\n\tvcs = trap\n", false},
		"certificates":                {base.url, "[http]\n\tsslCAInfo = DIR/ca.pem\n", false},
		"no certificates":             {base.url, "[http \"" + https + "\"]\n\tsslVerify = false\n", false},
	} {
		for _, included := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, included %v", name, included), func(t *testing.T) {
				t.Parallel()
				l := base.household(t)
				mark := filepath.Join(l.home, "mark")
				text := "#!/bin/sh\necho \"$0 $*\" >>'" + mark + "'\nexit 1\n"
				trap := l.write("trap", text)
				l.write("git-credential-mfa", text)
				clone := filepath.Join(l.home, "clone")
				if r := l.run("", "git", "init", "-q", clone); r.status != 0 {
					t.Fatal(r)
				}
				config := strings.NewReplacer("TRAP", trap, "DIR", l.home).Replace(c.config)
				if included {
					l.write("clone/settings", config)
					config = "[include]\n\tpath = ../settings\n"
				}
				l.write("clone/.git/config", l.read("clone/.git/config")+"[remote \"origin\"]\n\turl = "+c.url+"\n"+config)
				there := l.in(clone)
				d := there.doctor()
				if text, err := os.ReadFile(mark); err == nil {
					t.Fatalf("doctor ran %s", text)
				}
				if says := d.says("CCM830"); d.level("CCM830") != "skipped" || !strings.Contains(says, "the repository's own configuration") || !strings.Contains(says, "doctor --fetch") {
					t.Errorf("want the reason: %v", d)
				}
				there.doctor("--fetch=false")
				if _, err := os.Stat(mark); err == nil {
					t.Error("--fetch=false had git fetch")
				}
				there.doctor("--fetch")
				if _, err := os.Stat(mark); (err == nil) != c.springs {
					t.Errorf("the trap of this test: sprung %v", err == nil)
				}
			})
		}
	}
}

// TestDoctorOwnConfiguration: what configure --local writes is this program, and
// no reason not to ask git.
func TestDoctorOwnConfiguration(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	clone := l.clone("demo")
	l.write(".gitconfig", "")
	there := l.in(clone)
	if r := there.run("", "git-credential-mfa", "configure", "--local"); r.status != 0 {
		t.Fatal(r)
	}
	if d := there.doctor(); d.status != 0 || d.level("CCM830") != "ok" {
		t.Errorf("%v", d)
	}
}
