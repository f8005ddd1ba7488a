package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// trapped makes a clone in which everything that git would run leaves a mark,
// and in a folder of it a bare repository, which git would find by itself.
func (l *lab) trapped(mark string) (clone, inner string) {
	l.t.Helper()
	mark = filepath.ToSlash(mark)
	home := filepath.ToSlash(l.home)
	trap := home + "/trap"
	l.write("trap", "#!/bin/sh\necho \"$0 $*\" >>'"+mark+"'\n")
	settings := "[core]\n\tfsmonitor = " + trap + "\n\thooksPath = " + home + "/hooks\n\taskPass = " + trap + "\n\tpager = " + trap +
		"\n\tsshCommand = " + trap + "\n\teditor = " + trap + "\n\tgitProxy = " + trap + "\n" +
		"[alias]\n\tconfig = !" + trap + "\n\tremote = !" + trap + "\n\tversion = !" + trap + "\n" +
		"[credential]\n\thelper = \"!" + trap + "\"\n\thelper = " + trap + "\n\thelper = store --file=" + home + "/theirs\n\thelper = trap\n" +
		"[pager]\n\tconfig = " + trap + "\n\tremote = " + trap + "\n" +
		"[remote \"origin\"]\n\turl = " + l.url + "\n\tuploadpack = " + trap + "\n\tvcs = trap\n" +
		"[diff]\n\texternal = " + trap + "\n[gpg]\n\tprogram = " + trap + "\n[trace2]\n\teventTarget = " + mark + "\n"
	for _, program := range []string{"hooks/fsmonitor-watchman", "git-credential-trap", "git-credential-store", "git-remote-trap", "git"} {
		l.write("clone/"+program, "#!/bin/sh\necho \"$0\" >>'"+mark+"'\n")
	}
	clone = filepath.Join(l.home, "clone")
	if r := l.run("", "git", "init", "-q", clone); r.status != 0 {
		l.t.Fatal(r)
	}
	l.write("clone/.git/config", l.read("clone/.git/config")+settings)
	inner = filepath.Join(clone, "inner")
	l.write("clone/inner/HEAD", "ref: refs/heads/main\n")
	l.write("clone/inner/config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"+settings)
	for _, dir := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(inner, dir), 0o700); err != nil {
			l.t.Fatal(err)
		}
	}
	return clone, inner
}

// TestDoctorRunsNothing: a clone is its sender's, and doctor runs none of it.
func TestDoctorRunsNothing(t *testing.T) {
	notUnderWine(t, "git of Linux does not run the traps: what Windows writes has no mode of Linux")
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	mark := filepath.Join(l.home, "mark")
	clone, inner := l.trapped(mark)
	l.setenv("PATH", strings.Join([]string{"", ".", built, os.Getenv("PATH")}, string(os.PathListSeparator)))
	for _, dir := range []string{clone, inner} {
		d := l.in(dir).doctor()
		if text, err := os.ReadFile(mark); err == nil {
			t.Errorf("in %s doctor ran:\n%s", dir, text)
			os.Remove(mark)
		}
		if dir == clone && (d.level("CCM511") != "warning" || d.level("CCM514") != "info" || strings.Count(d.says("CCM511"), "not run: the repository's own configuration names it") != 4) {
			t.Errorf("%v", d)
		}
		if dir == inner && d.level("CCM511") != "ok" {
			t.Errorf("the inner repository was read: %v", d)
		}
	}
	// The trap is one: git itself springs it.
	if r := l.in(clone).run("", "git", "-C", clone, "status"); r.status != 0 {
		t.Log(r)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("the trap does not work: %v", err)
	}
}

// TestDoctorForeignProcess: the line of this helper may be the sender's, too.
func TestDoctorForeignProcess(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	mark := filepath.Join(l.home, "mark")
	trap := l.scriptLine("trap", "echo >mark\nexit 1")
	clone := filepath.Join(l.home, "clone")
	if r := l.run("", "git", "init", "-q", clone); r.status != 0 {
		t.Fatal(r)
	}
	line := "[credential \"https://" + host + "\"]\n\thelper =\n\thelper = mfa --mfa-process='" + trap + "'\n\tuseHttpPath = true\n"
	mine := l.read("clone/.git/config")
	l.write("clone/.git/config", mine+line)
	l.in(clone).doctor("--login", l.url)
	if _, err := os.Stat(mark); err == nil {
		t.Error("doctor ran the repository's program")
	}
	l.write("clone/.git/config", mine)
	l.write(".gitconfig", l.read(".gitconfig")+line)
	l.in(clone).doctor("--login", l.url)
	if _, err := os.Stat(mark); err != nil {
		t.Errorf("the person's own is run: %v", err)
	}
}

func TestDoctorRemotes(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	clone := l.clone("demo")
	for _, c := range []struct{ url, code, level, fix string }{
		{"ssh://APKAEIBAERJR2EXAMPLE@" + host + "/v1/repos/demo", "CCM520", "error", "git remote set-url origin " + l.url},
		{"codecommit::us-east-1://prof@demo", "CCM521", "error", "git remote set-url origin " + l.url},
		{"https://alice-at-123456789012:pa55word@" + host + "/v1/repos/demo", "CCM522", "error", "git remote set-url origin " + l.url},
		{"http://" + host + "/v1/repos/demo", "CCM523", "error", "git remote set-url origin " + l.url},
		{l.url + ".git", "CCM524", "error", "git remote set-url origin " + l.url},
		{l.url + "/", "CCM525", "info", "git remote set-url origin " + l.url},
		{"https://git-codecommit.us_east-1.amazonaws.com/v1/repos/demo", "CCM526", "error", "git remote set-url origin " + l.url},
		{"https://codecommit.us-east-1.amazonaws.com/v1/repos/demo", "CCM526", "error", "git remote set-url origin " + l.url},
	} {
		if r := l.run("", "git", "-C", clone, "config", "remote.origin.url", c.url); r.status != 0 {
			t.Fatal(r)
		}
		d := l.in(clone).doctor()
		if d.level(c.code) != c.level || !strings.HasSuffix(d.says(c.code), c.fix) || strings.Contains(d.stdout, "pa55word") {
			t.Errorf("%s: want %s %s:\n%v", c.url, c.code, c.level, d)
		}
		if c.level == "error" {
			d.wantOnly(t, c.code)
		}
	}
}

// TestDoctorChain has doctor name what keeps git from this helper.
func TestDoctorChain(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	section := "[credential \"https://git-codecommit.*.amazonaws.com\"]\n\thelper = mfa\n"
	for name, c := range map[string]struct{ config, code, text string }{
		"wiped":     {section + "\tuseHttpPath = true\n[credential]\n\thelper =\n", "CCM101", "configure"},
		"no path":   {section, "CCM504", "useHttpPath true"},
		"other":     {section + "\tuseHttpPath = true\n\tusername = bob\n", "CCM506", "--unset-all"},
		"broken":    {section + "\tuseHttpPath = perhaps\n", "CCM503", ".gitconfig:3"},
		"no helper": {section + "\tuseHttpPath = true\n\thelper = /nowhere/git-credential-mfa\n[credential \"https://" + host + "\"]\n\thelper =\n\thelper = /nowhere/git-credential-mfa\n", "CCM513", "/nowhere"},
		"aws first": {"[credential]\n\thelper = !aws codecommit credential-helper $@\n" + section + "\tuseHttpPath = true\n", "CCM510", "AWS CLI's"},
		"header":    {"[http \"https://" + host + "\"]\n\textraHeader = Authorization: Basic c2VjcmV0LWhlYWRlcg==\n" + section + "\tuseHttpPath = true\n", "CCM530", "Authorization"},
	} {
		t.Run(name, func(t *testing.T) {
			there := *l
			there.t = t
			there.write(".gitconfig", c.config)
			d := there.doctor(l.url)
			d.wantOnly(t, c.code, c.text)
			if strings.Contains(d.stdout, "c2VjcmV0") {
				t.Errorf("the header is shown: %v", d)
			}
		})
	}
	l.write(".gitconfig", section+"\tuseHttpPath = true\n")
	l.write(".netrc", "machine "+host+" login bob password pa55word\n")
	if d := l.doctor(l.url); d.found("error") != "CCM531" || strings.Contains(d.stdout, "pa55word") {
		t.Errorf("%v", d)
	}
}

// TestDoctorForeignCA: who sends a repository may name a proxy and certificates
// in its configuration. Nothing that is signed goes that way.
func TestDoctorForeignCA(t *testing.T) {
	t.Parallel()
	l := newDoctorLab(t)
	l.login()
	clone := l.clone("demo")
	for _, name := range []string{"GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"} {
		l.setenv(name, "")
	}
	set := func(scope string) {
		for key, value := range map[string]string{"http.proxy": l.world.ProxyURL(), "http.sslCAInfo": l.world.CAFile()} {
			if r := l.run("", "git", "-C", clone, "config", scope, key, value); r.status != 0 {
				t.Fatal(r)
			}
		}
	}
	set("--local")
	before := len(l.world.Requests())
	d := l.in(clone).doctor()
	if asked := l.world.Requests()[before:]; len(asked) > 0 {
		t.Errorf("doctor let these be read: %v", asked)
	}
	if d.level("CCM811") != "error" || !strings.Contains(d.says("CCM811"), "not trusted here") {
		t.Errorf("%v", d)
	}
	set("--global")
	if d := l.in(clone).doctor(); d.level("CCM811") != "ok" || len(l.world.Requests()) == before {
		t.Errorf("the person's own settings count: %v", d)
	}
}
